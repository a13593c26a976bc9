const realNow = Date.now;
let offset = 0;

/**
 * Moves this process' clock: the Worker and the SDK run in it, and the embedded Redis, whose keys expire by it. Timers and the
 * database are not moved.
 */
export function moveClock(milliseconds: number): void {
  offset += milliseconds;
  Date.now = () => realNow() + offset;
}

/** Puts the clock back. */
export function resetClock(): void {
  offset = 0;
  Date.now = realNow;
}

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
