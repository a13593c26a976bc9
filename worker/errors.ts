/** Every error that a caller can be told of: its HTTP status and a title that never changes. */
const ERRORS = {
  malformed_json: [400, "The body is not valid JSON"],
  invalid_project_id: [400, "The project id is not a UUID"],
  invalid_query: [400, "A query parameter is wrong"],
  invalid_context: [400, "The evaluation context is wrong"],
  invalid_idempotency_key: [400, "The Idempotency-Key is wrong"],
  invalid_user_id: [400, "The user id in the path is wrong"],
  unauthenticated: [401, "A valid API key is needed"],
  forbidden: [403, "The API key may not do this"],
  cross_origin: [403, "The request comes from another site"],
  not_found: [404, "There is nothing at this path"],
  project_not_found: [404, "There is no such project"],
  user_override_not_found: [404, "The user has no override"],
  key_not_found: [404, "There is no such key"],
  method_not_allowed: [405, "The method is not allowed here"],
  project_exists: [409, "A project with this id exists already"],
  too_many_overrides: [409, "The project has too many user overrides"],
  idempotency_in_flight: [409, "The same request is being carried out"],
  project_deleted: [410, "The project was deleted"],
  version_mismatch: [412, "The project was changed meanwhile"],
  body_too_large: [413, "The body is too large"],
  unsupported_media_type: [415, "The body must be JSON"],
  idempotency_key_reused: [422, "The Idempotency-Key stands for another request"],
  invalid_body: [422, "A field of the body is wrong"],
  reason_required: [422, "A reason is needed"],
  locked: [423, "The project is locked"],
  too_many_requests: [429, "Too many requests"],
  internal: [500, "Something went wrong here"],
  not_configured: [503, "The service is not configured"],
  unavailable: [503, "The service cannot do this right now"],
} as const;

export type ErrorCode = keyof typeof ERRORS;

/** One wrong field of a body or a query. */
export interface FieldError {
  field: string;
  message: string;
}

/** An error that the caller is told of, as RFC 9457 problem details. */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly errors: FieldError[] | undefined;
  readonly retryAfterSeconds: number | undefined;
  /**
   * @param detail what is wrong with this request and how to mend it; shown to the caller
   * @param retryAfterSeconds when it may be sent again
   */
  constructor(code: ErrorCode, detail: string, errors?: FieldError[], retryAfterSeconds?: number) {
    super(detail);
    this.code = code;
    this.errors = errors;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** The policy of an answer that is no page. */
export const NOTHING = "default-src 'none'; frame-ancestors 'none'";

const RETRY_AFTER_SECONDS = 5;
const NO_ROUND_TRIPS = 'db;dur=0;desc="0", redis;dur=0;desc="0"';

/** The response for an error (RFC 9457, `application/problem+json`), with its request id, and `Retry-After` on a 503. */
export function problem(error: AppError, requestId: string): Response {
  const [status, title] = ERRORS[error.code];
  const { code, errors, message: detail } = error;
  const body = { type: "about:blank", title, status, code, detail, ...(errors && { errors }), request_id: requestId };
  const headers = new Headers({
    "content-type": "application/problem+json",
    "cache-control": "no-store",
    "x-request-id": requestId,
    "x-content-type-options": "nosniff",
    "content-security-policy": NOTHING,
    "server-timing": NO_ROUND_TRIPS, // the app knows better; without a configuration there is no app
  });
  const retryAfter = error.retryAfterSeconds ?? (status === 503 ? RETRY_AFTER_SECONDS : undefined);
  if (retryAfter !== undefined) headers.set("retry-after", `${retryAfter}`);
  if (status === 401) headers.set("www-authenticate", "Bearer");
  return new Response(JSON.stringify(body), { status, headers });
}
