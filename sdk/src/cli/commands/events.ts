import { type Answer, ApiError } from "../api.ts";
import { EXIT, usageError } from "../errors.ts";
import { howLong, table, when } from "../text.ts";
import { instantOf } from "../times.ts";
import type { Command, Context } from "./command.ts";
import { readAllPages } from "./pages.ts";

type Event = Answer<"GET /api/v1/projects/{id}/events">["events"][number];

const PAGE = 100;
const MOST = 10_000;
const POLL_MS = 2_000;
const REMEMBERED = 1_000;

function limitOf({ flags }: Context, usual: number): number {
  if (flags.limit === undefined) return usual;
  const limit = /^\d{1,5}$/.test(flags.limit) ? Number(flags.limit) : 0;
  if (limit < 1 || limit > MOST) throw usageError(`--limit must be a whole number from 1 to ${MOST}.`);
  return limit;
}

/** Gives the newest events, newest first. */
function readerOf(context: Context, signal?: AbortSignal) {
  const api = context.api();
  const path = { id: context.project() };
  const { action, actor, since, until } = context.flags;
  const filter = {
    action,
    actor,
    since: since === undefined ? undefined : instantOf("since", since),
    until: until === undefined ? undefined : instantOf("until", until),
  };
  return (most: number): Promise<Event[]> =>
    readAllPages(
      (cursor) =>
        api.call("GET /api/v1/projects/{id}/events", {
          path,
          query: { ...filter, limit: `${Math.min(most, PAGE)}`, cursor },
          ...(signal && { signal }),
        }),
      (page) => page.events,
      most,
    );
}

const rowOf = ({ created_at, action, actor, reason, live_after_ms }: Event): string[] => [
  when(created_at),
  action.padEnd(17), // so that the lines of --follow align, too
  actor.name,
  live_after_ms === null ? "" : `live after ${howLong(live_after_ms)}`,
  reason ?? "",
];

/** Prints what is new, oldest first, until it is interrupted. An event that was slow to be saved is not missed. */
async function follow(context: Context): Promise<number> {
  const { io, note } = context;
  const stop = io.untilInterrupted();
  const read = readerOf(context, stop);
  const seen = new Set<string>();
  const remember = (events: Event[]) => {
    for (const { id } of events.toReversed()) seen.add(id);
    for (const id of seen) if (seen.size > REMEMBERED) seen.delete(id);
  };
  const print = (events: Event[]) => {
    const news = events.filter(({ id }) => !seen.has(id)).reverse();
    for (const event of news) io.out(context.switches.json ? `${JSON.stringify(event)}\n` : table([rowOf(event)]));
    remember(events);
  };
  /** As many events as it takes to come to one that is known. */
  const readOn = async (most = PAGE): Promise<Event[]> => {
    const events = await read(most);
    const isEnough = events.length < most || most >= REMEMBERED || events.some(({ id }) => seen.has(id));
    return isEnough ? events : readOn(most * 2);
  };
  const shown = limitOf(context, 10);
  const first = await read(Math.max(shown, PAGE)).catch((error) => {
    if (stop.aborted) return [];
    throw error;
  });
  remember(first.slice(shown));
  print(first.slice(0, shown));
  let failed: string | undefined;
  while (!stop.aborted) {
    await io.wait(POLL_MS, stop);
    if (stop.aborted) break;
    try {
      print(await readOn());
      if (failed !== undefined) note("It answers again.");
      failed = undefined;
    } catch (error) {
      if (stop.aborted) break;
      if (!(error instanceof ApiError) || error.exitCode !== EXIT.unavailable) throw error;
      if (failed === undefined) note(`${error.message} Trying on; Ctrl-C ends it.`);
      failed = error.message;
    }
  }
  return EXIT.ok;
}

export const events: Command = {
  name: "events",
  summary: "Show who changed what, when and why; newest first",
  options: {
    follow: { help: "print what is new, oldest first, until Ctrl-C; with --json one event a line" },
    limit: { value: "count", help: `how many, 1 to ${MOST}; else 20, with --follow 10` },
    action: { value: "action", help: "only such as tracing.disabled, or tracing" },
    actor: { value: "name", help: "only those of a key, by its name or id" },
    since: { value: "time", help: "only from then on, such as 2026-12-01T00:00:00Z" },
    until: { value: "time", help: "only before then" },
  },
  async run(context) {
    if (context.switches.follow) {
      if (context.flags.until !== undefined) throw usageError("--follow has no end: leave --until out.");
      return follow(context);
    }
    const events = await readerOf(context)(limitOf(context, 20));
    context.show({ events }, () => table(events.map(rowOf)));
    if (events.length === 0) context.note("Nothing was changed.");
    return EXIT.ok;
  },
};
