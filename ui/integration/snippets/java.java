String url = "https://tracing-toggle.example.workers.dev";
String key = System.getenv("TRACING_TOGGLE_API_KEY");

OfrepProviderOptions options = OfrepProviderOptions.builder()
    .baseUrl(url)
    .headers(ImmutableMap.of("Authorization", ImmutableList.of("Bearer " + key)))
    .timeout(Duration.ofMillis(200))
    .build();
OpenFeatureAPI.getInstance().setProviderAndWait(OfrepProvider.constructProvider(options));
Client client = OpenFeatureAPI.getInstance().getClient();
boolean trace = client.getBooleanValue("tracing", false, new ImmutableContext(userId));
