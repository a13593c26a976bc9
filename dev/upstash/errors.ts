/** A request that fails with `{"error": message}`. Messages begin with a code, as Redis' do: `ERR`, `NOPERM`, ... */
export class RestError extends Error {
  /** HTTP status. */
  readonly status: 400 | 401 | 405 | 503;

  constructor(message: string, status: 400 | 401 | 405 | 503 = 400) {
    super(message);
    this.status = status;
  }
}

/** What a failed command is for the caller: Redis' own error is a 400, anything else means that Redis is not there. */
export function toRestError(error: unknown): RestError {
  const { name, message } = error as Error;
  if (name === "ReplyError") return new RestError(message);
  return new RestError(`ERR Redis is not reachable: ${message}`, 503);
}
