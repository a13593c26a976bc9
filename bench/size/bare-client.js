/** The least that can be called a client: one GET for each decision, with a bound; on any failure undefined. */
export function createClient({ url, token, timeoutMs = 200 }) {
  const headers = { authorization: `Bearer ${token}` };
  return async (key) => {
    try {
      const signal = AbortSignal.timeout(timeoutMs);
      const response = await fetch(`${url}/get/${encodeURIComponent(key)}`, { headers, signal });
      return response.ok ? (await response.json()).result : undefined;
    } catch {
      return undefined;
    }
  };
}
