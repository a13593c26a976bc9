import type { Operations } from "../sdk/src/api-types.ts";

// The only file that talks to the server. Authentication is the HttpOnly session cookie.
// Every call answers with the value or with an ApiError; none throws.

interface Problem {
  code?: string;
  detail?: string;
  errors?: { field: string; message: string }[];
  request_id?: string;
}

export class ApiError {
  /** HTTP status, or 0 when no answer arrived. */
  readonly status: number;
  /** The server's stable code; `timeout`, `unreachable` or `unexpected_answer` when it gave none. */
  readonly code: string;
  readonly detail: string | null;
  readonly fieldErrors: { field: string; message: string }[];
  readonly requestId: string | null;
  readonly retryAfterSeconds: number | null;

  constructor(status: number, problem: Problem, retryAfter: string | null = null) {
    this.status = status;
    this.code = problem.code ?? "unexpected_answer";
    this.detail = problem.detail ?? null;
    this.fieldErrors = problem.errors ?? [];
    this.requestId = problem.request_id ?? null;
    this.retryAfterSeconds = Number.parseInt(retryAfter ?? "", 10) || null;
  }
}

/** Operations by their name in the API's description, such as `GET /api/v1/projects/{id}`. */
export type Operation = keyof Operations;
export type AnswerTo<Name extends Operation> = Operations[Name]["answer"];
export type BodyOf<Name extends Operation> = Operations[Name]["body"];

type MethodOf<Name extends Operation> = Name extends `${infer Method} ${string}` ? Method : never;
type PathOf<Name extends Operation> = Name extends `${string} /api/v1${infer Path}` ? Filled<Path> : never;
type Filled<Path extends string> = Path extends `${infer Before}{${string}}${infer After}`
  ? `${Before}${string}${Filled<After>}`
  : Path | `${Path}?${string}`;

const TIMEOUT_MS = 15_000;

let sessionEnded: () => unknown = () => {};

/** Called when a request from now on, other than sign-in, is refused because nobody is signed in. */
export function onSessionEnded(listener: () => unknown): void {
  sessionEnded = listener;
}

export const request = <Name extends Operation>(
  method: MethodOf<Name>,
  path: PathOf<Name>,
  body?: BodyOf<Name>,
  headers?: HeadersInit,
): Promise<AnswerTo<Name> | ApiError> =>
  exchange(
    path,
    {
      method,
      headers: { "Content-Type": "application/json", ...headers },
      body: body === undefined ? null : JSON.stringify(body),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    },
    async (response) => (response.status === 204 ? undefined : response.json()),
  );

/** The answer as a file. It may be long, so there is no limit to its time. */
export const download = (path: string, type: string): Promise<Blob | ApiError> =>
  exchange(path, { headers: { Accept: type } }, (response) => response.blob());

async function exchange<T>(
  path: string,
  init: RequestInit,
  read: (response: Response) => Promise<T>,
): Promise<T | ApiError> {
  const onEnded = sessionEnded;
  try {
    const response = await fetch(`/api/v1${path}`, { credentials: "same-origin", cache: "no-store", ...init });
    if (response.ok) return await read(response);
    if (response.status === 401 && path !== "/session") onEnded();
    return new ApiError(response.status, parseProblem(await response.text()), response.headers.get("Retry-After"));
  } catch (cause) {
    return new ApiError(0, { code: causeCode(cause) });
  }
}

/** A proxy on the way may answer with a page instead of a problem document. */
function parseProblem(text: string): Problem {
  return text.startsWith("{") ? JSON.parse(text) : {};
}

function causeCode(cause: unknown): string {
  if (cause instanceof SyntaxError) return "unexpected_answer";
  return cause instanceof DOMException && cause.name === "TimeoutError" ? "timeout" : "unreachable";
}

/** Without what is empty. */
export const query = (parameters: Record<string, string | null | undefined>) =>
  new URLSearchParams(Object.entries(parameters).filter((pair): pair is [string, string] => !!pair[1]));
