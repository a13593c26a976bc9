import type { ApiError } from "./request.ts";

/** What the server says is wrong with a field, as a sentence; null when nothing is. */
export function fieldError(error: ApiError | null, path: string): string | null {
  const message = error?.fieldErrors.find(({ field }) => field === path)?.message;
  return message ? `${message.charAt(0).toUpperCase()}${message.slice(1)}.` : null;
}
