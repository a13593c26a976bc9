url := "https://tracing-toggle.example.workers.dev"
key := os.Getenv("TRACING_TOGGLE_API_KEY")

provider := ofrep.NewProvider(url, ofrep.WithBearerToken(key),
	ofrep.WithClient(&http.Client{Timeout: 200 * time.Millisecond}))
openfeature.SetProviderAndWait(provider)
client := openfeature.NewClient("agent")
trace, _ := client.BooleanValue(ctx, "tracing", false, openfeature.NewEvaluationContext(userID, nil))
