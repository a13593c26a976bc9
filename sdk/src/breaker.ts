const OPENS_AFTER = 3; // failures in a row
const SHORTEST_MS = 5_000;
const LONGEST_MS = 25_000; // 30 s with the jitter
const REFUSED_MS = 300_000;

/** Keeps an endpoint that fails from being asked: `closed` ask it, `open` do not, `probe` ask it once. */
export class Breaker {
  #failures = 0;
  #closesAt = 0;
  #pause = SHORTEST_MS;

  state(now: number): "closed" | "open" | "probe" {
    if (this.#closesAt === 0) return "closed";
    const left = this.#closesAt - now;
    return left > 0 && left <= REFUSED_MS ? "open" : "probe"; // more is left only when the clock was set back
  }

  succeeded(): void {
    this.#failures = 0;
    this.#closesAt = 0;
    this.#pause = SHORTEST_MS;
  }

  /** @param refused the endpoint answered 401 or 403: asking again soon is pointless */
  failed(now: number, refused: boolean): void {
    this.#failures++;
    if (refused) this.#closesAt = now + REFUSED_MS;
    else if (this.#failures >= OPENS_AFTER) {
      this.#closesAt = now + this.#pause * (1 + Math.random() / 5); // jitter: not every process at once
      this.#pause = Math.min(LONGEST_MS, this.#pause * 2);
    }
  }

  /** A probe is on its way: the next one is due only after another pause. */
  probing(now: number): void {
    this.#closesAt = now + this.#pause;
  }
}
