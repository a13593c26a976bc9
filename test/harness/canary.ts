/** Stands in every password and token of the tests' stacks. */
export const CANARY = "c4n4ry";

/** A whole API key, a session's cookie, a password or token of a store, or a driver's own words: nothing of it is for anybody's eyes. */
const SECRET =
  /c4n4ry|tt_[0-9A-Za-z]{12}_[0-9A-Za-z]{38}|__Host-tracing-toggle=[0-9A-Za-z]{43}|Failed query|NeonDbError:|UpstashError:|insert into |select .* from /;

/** What of a text must not be there, with what stands around it. */
export function secretsIn(text: string): string[] {
  const found = SECRET.exec(text);
  return found ? [text.slice(Math.max(0, found.index - 60), found.index + 90)] : [];
}

const leaks: string[] = [];

/** Looks for secrets in what a Worker has logged; the file's tests fail if there are any. */
export function watch(text: string): void {
  leaks.push(...secretsIn(text));
}

/** What was found since this was asked last. */
export const takeLeaks = (): string[] => leaks.splice(0);
