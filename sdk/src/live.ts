import { isClient, type LiveHooks, type Part, type Settings, say } from "./options.ts";
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
const LONGEST_LINE = 65_536; // a message is a version
const LAG_MS = 25; // how far behind a replica may be at first
const TRIES = 6; // for it to catch up: 25 + 50 + ... ms

/** One project's subscription. */
interface Stream {
  /** Asks for the project's policy, and resolves to the version held then. */
  update: () => Promise<number | undefined>;
  /** The newest version heard of. */
  announced: number;
  isUpdating: boolean;
  /** Something was heard of since the last update began. */
  isDue: boolean;
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
export function live({ maxStreams = 10, silenceMs = 60_000 }: LiveOptions = {}): Part<LiveHooks> {
  for (const [name, value] of Object.entries({ maxStreams, silenceMs })) {
    if (!(typeof value === "number" && value >= 1 && value < 2 ** 31))
      throw new TypeError(`tracing-toggle: ${name} must be a number from 1 to 2^31`);
  }
  return (settings) => listener(settings, maxStreams, silenceMs);
}

function listener(settings: Settings, maxStreams: number, silenceMs: number): LiveHooks {
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

  /** Updates the project until it has what was announced, or a replica is too far behind. */
  async function update(stream: Stream): Promise<void> {
    stream.isDue = true;
    if (stream.isUpdating) return;
    stream.isUpdating = true;
    for (let tries = 0; !isClosed && tries < TRIES; tries++) {
      if (!stream.isDue) await pause(LAG_MS * 2 ** (tries - 1));
      stream.isDue = false;
      const held = await stream.update();
      if (stream.isDue) tries = -1;
      else if (held === undefined || held >= stream.announced) break;
    }
    stream.isUpdating = false;
  }

  /** @returns whether it tells that the subscription stands, or of a change */
  function heard(stream: Stream, event: string): boolean {
    if (!/^(subscribe|message),/.test(event)) return false;
    const version = event.startsWith("message") ? Number(event.slice(event.lastIndexOf(",") + 1)) : 0;
    if (version > stream.announced) stream.announced = version;
    update(stream); // also when a subscription begins: what was published before it is not heard of
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
    const isAborted = new Promise<never>((_, reject) => {
      signal.onabort = () => reject(signal.reason);
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
      if (!response.ok || !response.body) {
        const body = (await response.json().catch(() => {})) as { error?: unknown } | undefined;
        throw new Error(`HTTP ${response.status} ${body?.error ?? ""}`.trim());
      }
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      let rest = "";
      for (;;) {
        const { done, value } = await reader.read();
        if (done) throw new Error("the stream ended");
        const lines = (rest + value).split(/\r?\n/);
        rest = lines.pop() as string;
        if (rest.length > LONGEST_LINE) throw new Error("not a stream of events");
        if (lines.length > 0) alive();
        for (const line of lines) if (line.startsWith("data: ") && heard(stream, line.slice(6))) begun();
      }
    } finally {
      isAborted.catch(() => {});
      clearTimeout(watchdog);
      ends.delete(end);
      controller.abort();
    }
  }

  async function follow(projectId: string, stream: Stream): Promise<void> {
    let pauseMs = SHORTEST_PAUSE_MS;
    let isLogged = false;
    while (!isClosed) {
      let hasBegun = false;
      const error = await listen(projectId, stream, () => {
        hasBegun = true;
        isLogged = false;
        pauseMs = SHORTEST_PAUSE_MS;
      }).catch(describe);
      if (isClosed) return;
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
      const stream = { update: updateIt, announced: 0, isUpdating: false, isDue: false };
      streams.set(projectId, stream);
      follow(projectId, stream);
    },
    close() {
      isClosed = true;
      for (const end of ends) end();
    },
  };
}
