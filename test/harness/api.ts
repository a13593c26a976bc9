import type { RunningWorker } from "./worker.ts";

/** The API as a caller with a key uses it. */
export function apiOf(worker: RunningWorker, key: string) {
  const call = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
    worker.fetch(`/api/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${key}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  return {
    call,
    /** Switches tracing, and gives the answer's body. */
    async switch(projectId: string, on: boolean, reason?: string) {
      const response = await call("PATCH", `/projects/${projectId}/tracing`, { tracing_enabled: on, reason });
      return (await response.json()) as { version: number; propagation: string; effective: boolean; reason: string };
    },
    /** `GET tracing`. */
    async tracing(projectId: string) {
      const response = await call("GET", `/projects/${projectId}/tracing`);
      return (await response.json()) as { effective: boolean; reason: string; version: number; source: string };
    },
  };
}
