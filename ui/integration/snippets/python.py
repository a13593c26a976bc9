import os

from openfeature import api
from openfeature.contrib.provider.ofrep import OFREPProvider
from openfeature.evaluation_context import EvaluationContext

url = "https://tracing-toggle.example.workers.dev"
key = os.environ["TRACING_TOGGLE_API_KEY"]

api.set_provider(OFREPProvider(url, headers_factory=lambda: {"Authorization": f"Bearer {key}"}, timeout=0.2))
client = api.get_client()
if client.get_boolean_value("tracing", False, EvaluationContext(targeting_key=user_id)):
    ...  # trace this request
