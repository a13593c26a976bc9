import { AppError } from "../errors.ts";
import { type Claim, claimRequest, type Made } from "../services/idempotency.ts";
import { type AppContext, authorized } from "./app-context.ts";

const KEY = /^[\x21-\x7e]{1,255}$/;

/** How a request that makes something is carried out. */
export interface Making<T> {
  /** @param claim to be recorded in the transaction that makes it, if the request came with an `Idempotency-Key` */
  make(claim?: Claim): Promise<T>;
  /** Tells again what was made, for when the answer was not kept: the Worker ended between the two. */
  recall(made: Made): Promise<T>;
}

/**
 * Carries a request out once for each `Idempotency-Key`, and answers it again in the same words.
 *
 * @returns the body of the answer
 * @throws AppError `invalid_idempotency_key`, `idempotency_in_flight`, `idempotency_key_reused`, and what `make` throws
 */
export async function repeatable<T>(c: AppContext, { make, recall }: Making<T>): Promise<T> {
  const key = c.req.header("idempotency-key");
  if (key === undefined) return make();
  if (!KEY.test(key))
    throw new AppError("invalid_idempotency_key", "Idempotency-Key must be 1 to 255 visible ASCII characters: a UUID.");
  const request = [c.req.method, c.req.path, await c.req.text()].join("\n");
  const claim = await claimRequest(authorized(c), { key, secret: c.var.credential.secret, request });
  if ("answer" in claim || "made" in claim) {
    c.header("idempotency-replayed", "true");
    return "answer" in claim ? (claim.answer as T) : recall(claim.made);
  }
  try {
    const answer = await make(claim);
    c.var.context.defer(claim.keep(answer));
    return answer;
  } catch (error) {
    // After an answer that never came the work may have been done: the claim ends by itself.
    const isRefused = error instanceof AppError && error.code !== "unavailable";
    if (isRefused) c.var.context.defer(claim.release());
    throw error;
  }
}
