var url = "https://tracing-toggle.example.workers.dev";
var key = Environment.GetEnvironmentVariable("TRACING_TOGGLE_API_KEY");

var options = new OfrepOptions(url) { Timeout = TimeSpan.FromMilliseconds(200) };
options.Headers["Authorization"] = $"Bearer {key}";
await Api.Instance.SetProviderAsync(new OfrepProvider(options));
var context = EvaluationContext.Builder().SetTargetingKey(userId).Build();
var trace = await Api.Instance.GetClient().GetBooleanValueAsync("tracing", false, context);
