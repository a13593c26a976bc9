url := "https://tracing-toggle.example.workers.dev"
key := os.Getenv("TRACING_TOGGLE_SAMPLING_KEY")
projectID := "0197f3c2-6f0e-7a51-9d3c-1f2e3d4c5b6a"

sampler := jaegerremote.New(projectID,
	jaegerremote.WithSamplingServerURL(url+"/k/"+key+"/sampling"),
	jaegerremote.WithSamplingRefreshInterval(10*time.Second),
	jaegerremote.WithInitialSampler(trace.NeverSample()))
provider := trace.NewTracerProvider(trace.WithSampler(sampler))
