# off for an hour, then what it was
curl --fail -X PATCH "https://tracing-toggle.example.workers.dev/api/v1/projects/0197f3c2-6f0e-7a51-9d3c-1f2e3d4c5b6a/tracing" \
  -H "Authorization: Bearer $TRACING_TOGGLE_API_KEY" -H "Content-Type: application/json" \
  -d '{"tracing_enabled": false, "duration_seconds": 3600, "reason": "load test", "lift_break_glass": false}'

# what is in effect now
curl --fail "https://tracing-toggle.example.workers.dev/api/v1/projects/0197f3c2-6f0e-7a51-9d3c-1f2e3d4c5b6a/tracing" \
  -H "Authorization: Bearer $TRACING_TOGGLE_API_KEY"
