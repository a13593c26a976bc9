import { isOutcomeUnknown } from "./problem.ts";
import { ApiError } from "./request.ts";

/** Whether only the same request, sent again, tells if it was made: also while an earlier one (409), or the database, has not said. */
export const isUncertain = (error: ApiError): boolean =>
  isOutcomeUnknown(error) || error.status === 409 || error.status === 503;

/**
 * Makes something that is to be made once: while it is not known whether it was, asking for the same again sends the same
 * request, which the server then answers as it did the first time.
 *
 * @param bodyOf what is sent for what was asked; it may depend on the time
 */
export function makeOnce<Asked, Body, Made>(
  bodyOf: (asked: Asked) => Body,
  send: (body: Body, idempotencyKey: string) => Promise<Made | ApiError>,
): (asked: Asked) => Promise<Made | ApiError> {
  let open: { asked: string; body: Body; idempotencyKey: string } | null = null;
  return async (asked) => {
    const inWords = JSON.stringify(asked);
    if (open?.asked !== inWords) open = { asked: inWords, body: bodyOf(asked), idempotencyKey: crypto.randomUUID() };
    const answer = await send(open.body, open.idempotencyKey);
    if (!(answer instanceof ApiError && isUncertain(answer))) open = null;
    return answer;
  };
}
