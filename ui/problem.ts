import type { ApiError } from "./request.ts";
import * as strings from "./strings.ts";

/** What happened and what to do about it, in a few short sentences. */
export function explain({ code, status, detail, requestId, retryAfterSeconds }: ApiError): string {
  if (code === "timeout") return strings.slowAnswer;
  if (status === 0) return navigator.onLine ? strings.noAnswer : strings.offline;
  if (status === 401) return strings.signInEnded;
  if (status === 403) return `${detail ?? ""} ${strings.forbidden}`.trim();

  const passing = status === 429 ? strings.tooMany : status === 503 ? strings.databaseAway : strings.serverFailed;
  const retryIn = retryAfterSeconds && strings.retryIn(retryAfterSeconds);
  if (status !== 429 && status < 500) return [detail ?? strings.strangeAnswer, retryIn].filter(Boolean).join(" ");
  const retry = retryIn ?? strings.retrySoon;
  const request = status === 500 && requestId !== null ? ` ${strings.requestId(requestId)}` : "";
  return `${detail ?? passing} ${retry}${request}`;
}

/** Whether what was asked for may have been done all the same. Of a database that is away the answer itself says so. */
export const isOutcomeUnknown = ({ status, code }: ApiError): boolean =>
  status === 0 || (status >= 500 && code !== "unavailable");
