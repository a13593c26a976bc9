import { isClient, type LiveHooks, type Part, type Settings, safely, say } from "./options.ts";
import { describe } from "./transport.ts";
import { redisKey } from "./wire.ts";

/** Settings of {@link live}. */
export interface LiveOptions {
  /** For how many projects changes are pushed, those used first; the others are polled. Default: 10. */
  maxStreams?: number | undefined;
  /** A stream that has been silent for so long is replaced, in milliseconds. Default: 60,000. */
  silenceMs?: number | undefined;
}

const SHORTEST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;
const REFUSED_MS = 300_000;
const LONGEST_LINE = 4_096; // a message is a channel's name and a version
const STABLE_MS = 30_000; // a stream that breaks earlier is not opened again sooner than the last time
const LAG_MS = 25; // how far behind a replica may be at first, and between two reads
const TRIES = 6; // for it to catch up: 25 + 50 + ... ms

/** One project's subscription. */
interface Stream {
  /** Asks for the project's policy, and resolves to the version held then. */
  update: () => Promise<number | undefined>;
  /** The newest version heard of that is not held yet. */
  announced: number;
  /** The version held after the last update. */
  held: number | undefined;
  isUpdating: boolean;
  /** When the last update began, by `performance.now()`. */
  updatedAt: number;
  /** Something was heard of since the last update began. */
  isDue: boolean;
}

/** What {@link live} makes: the client's option `live`, and what tells others of changes. */
export interface Live extends Part<LiveHooks> {
  /** Calls `listener` whenever a change that was pushed, or missed while a stream was down, has been read. */
  onChange(listener: (projectId: string, version: number) => void): void;
}

/**
 * Changes are pushed to this process, through Redis' channel `tracing:<project_id>:changes` over server-sent events: for
 * processes that live long. A message can be lost, so polling goes on underneath, and `maxAgeMs` remains the bound; a stream
 * that breaks or is refused (the token needs `+subscribe`) changes nothing about that, and is logged once.
 *
 * Keeps the process alive until the client's `close()`.
 *
 * ```ts
 * const tracing = createTracingToggle({ live: live() });
 * ```
 *
 * @returns what the option `live` takes. The client's construction throws a TypeError when its `redis` is not `{ url, token }`
 */
export function live({ maxStreams = 10, silenceMs = 60_000 }: LiveOptions = {}): Live {
  for (const [name, value] of Object.entries({ maxStreams, silenceMs })) {
    if (!(typeof value === "number" && value >= 1 && value < 2 ** 31))
      throw new TypeError(`tracing-toggle: ${name} must be a number from 1 to 2^31`);
  }
  const listeners = new Set<(projectId: string, version: number) => void>();
  const tell = (projectId: string, version: number): void => {
    for (const listener of listeners) safely(() => listener(projectId, version));
  };
  return Object.assign((settings: Settings) => subscriber(settings, maxStreams, silenceMs, tell), {
    onChange: (listener: (projectId: string, version: number) => void) => void listeners.add(listener),
  });
}

function subscriber(
  settings: Settings,
  maxStreams: number,
  silenceMs: number,
  tell: (projectId: string, version: number) => void,
): LiveHooks {
  const { redis } = settings;
  if (!redis || isClient(redis)) throw new TypeError("tracing-toggle: redis must be { url, token } to be live");
  const address = redis;
  const streams = new Map<string, Stream>();
  /** Each ends something that is waited for. */
  const ends = new Set<() => void>();
  let isClosed = false;

  const pause = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        ends.delete(end);
        resolve();
      };
      const timer = setTimeout(end, ms);
      ends.add(end);
    });

  /**
   * Updates the project until it has what was announced, or a replica is too far behind. However much is announced, reads are
   * {@link LAG_MS} apart.
   */
  async function update(projectId: string, stream: Stream): Promise<void> {
    stream.isDue = true;
    if (stream.isUpdating) return;
    stream.isUpdating = true;
    let pauseMs = stream.updatedAt + LAG_MS - performance.now();
    for (let tries = 0; !isClosed && tries < TRIES; tries++) {
      if (pauseMs > 0) await pause(pauseMs);
      if (stream.isDue) tries = 0;
      stream.isDue = false;
      stream.updatedAt = performance.now();
      const before = stream.held;
      const held = (await stream.update().catch(() => {})) ?? before;
      stream.held = held;
      if (held !== undefined && before !== undefined && held !== before) tell(projectId, held);
      if (!stream.isDue && (held === undefined || held >= stream.announced)) break;
      pauseMs = stream.isDue ? LAG_MS : LAG_MS * 2 ** tries;
    }
    stream.announced = 0; // one that never comes must not make every later change wait for it
    stream.isUpdating = false;
  }

  /** @returns whether it tells that the subscription stands, or of a change */
  function heard(projectId: string, stream: Stream, event: string): boolean {
    if (!/^(subscribe|message),/.test(event)) return false;
    const version = event.startsWith("message") ? Number(event.slice(event.lastIndexOf(",") + 1)) : 0;
    if (version > stream.announced && Number.isSafeInteger(version)) stream.announced = version;
    update(projectId, stream); // also when a subscription begins: what was published before it is not heard of
    return true;
  }

  /**
   * Subscribes, and listens until the stream ends, breaks or is silent for too long.
   *
   * @param begun is called when the subscription stands
   * @throws an Error that says why it ended
   */
  async function listen(projectId: string, stream: Stream, begun: () => void): Promise<void> {
    const controller = new AbortController();
    const { signal } = controller;
    const end = () => controller.abort();
    let reader: ReadableStreamDefaultReader<string> | undefined;
    const isAborted = new Promise<never>((_, reject) => {
      signal.onabort = () => {
        reject(signal.reason);
        reader?.cancel().catch(() => {}); // also when `fetch` ignores the signal
      };
    });
    const alive = () => {
      clearTimeout(watchdog);
      watchdog = setTimeout(() => controller.abort(new Error(`silent for ${silenceMs} ms`)), silenceMs);
    };
    let watchdog: ReturnType<typeof setTimeout> | undefined;
    ends.add(end);
    try {
      alive();
      const channel = encodeURIComponent(redisKey(projectId, "changes"));
      const subscribing = settings.fetch(`${address.url}/subscribe/${channel}`, {
        method: "POST",
        headers: { authorization: `Bearer ${address.secret}`, accept: "text/event-stream" },
        redirect: "manual",
        cache: "no-store",
        signal,
      });
      const response = await Promise.race([subscribing, isAborted]);
      reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
      if (!response.ok || !reader) throw new Error(`HTTP ${response.status} ${await errorIn(reader)}`.trim());
      let hasBegun = false;
      let rest = "";
      for (;;) {
        const { done, value } = await reader.read();
        if (done) throw signal.reason ?? new Error("the stream ended");
        const lines = (rest + value).split(/\r?\n/);
        rest = lines.pop() as string;
        if (rest.length > LONGEST_LINE) throw new Error("not a stream of events");
        for (const line of lines) {
          if (!line.startsWith("data: ") || !heard(projectId, stream, line.slice(6))) continue;
          hasBegun = true;
          begun();
        }
        if (hasBegun && lines.length > 0) alive(); // whatever comes before is no sign of a subscription
      }
    } finally {
      isAborted.catch(() => {});
      clearTimeout(watchdog);
      ends.delete(end);
      controller.abort();
    }
  }

  /** What an answer says of an error; of a long one its beginning is enough. */
  async function errorIn(reader: ReadableStreamDefaultReader<string> | undefined): Promise<string> {
    try {
      let text = "";
      while (reader && text.length < LONGEST_LINE) {
        const { done, value } = await reader.read();
        if (done) break;
        text += value;
      }
      return `${JSON.parse(text).error ?? ""}`;
    } catch {
      return "";
    }
  }

  async function follow(projectId: string, stream: Stream): Promise<void> {
    let pauseMs = SHORTEST_PAUSE_MS;
    let isLogged = false;
    while (!isClosed) {
      let hasBegun = false;
      const openedAt = performance.now();
      const error = await listen(projectId, stream, () => {
        hasBegun = true;
        isLogged = false;
      }).catch(describe);
      if (isClosed) return;
      if (hasBegun && performance.now() - openedAt > STABLE_MS) pauseMs = SHORTEST_PAUSE_MS;
      if (!hasBegun && !isLogged) {
        say(settings, `project ${projectId}: changes are not pushed (${error}); polling goes on`);
        isLogged = true;
      }
      const isRefused = /^HTTP 4(?!08|29)/.test(`${error}`);
      await pause(isRefused ? REFUSED_MS : pauseMs * (0.5 + Math.random())); // jitter: not every process at once
      pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2);
    }
  }

  return {
    follow(projectId, updateIt) {
      const known = streams.get(projectId);
      if (known) known.update = updateIt;
      // workerd has no process that lives long, and no promise that outlives its request
      if (known || isClosed || !settings.shared || projectId === "" || streams.size >= maxStreams) return;
      const stream = {
        update: updateIt,
        announced: 0,
        held: undefined,
        isUpdating: false,
        updatedAt: -LAG_MS,
        isDue: false,
      };
      streams.set(projectId, stream);
      follow(projectId, stream);
    },
    close() {
      isClosed = true;
      for (const end of ends) end();
    },
  };
}
