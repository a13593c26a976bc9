import { type Answer, ApiError, createApi, type RawAnswer } from "../api.ts";
import type { Context } from "../commands/command.ts";
import { EXIT } from "../errors.ts";
import { howLong, when } from "../text.ts";
import type { Check, Seen } from "./check.ts";

/** How far this machine's clock may be off, beside what cannot be measured. */
const SKEW_MS = 2_000;

const notAsked = (name: Check["name"]): Check => ({ name, result: "skipped", detail: "The API does not tell." });

/** By the Date header, which has no parts of a second and was written while the request was under way. */
function checkClock({ headers, tookMs }: RawAnswer, now: number): Check {
  const name = "clock";
  const date = Date.parse(headers.get("date") ?? "");
  if (Number.isNaN(date)) return { name, result: "skipped", detail: "The API's answer has no Date." };
  const ahead = now - tookMs / 2 - (date + 500);
  const off = Math.abs(ahead);
  const unsure = tookMs / 2 + 500;
  if (off <= SKEW_MS + unsure)
    return { name, result: "ok", detail: `as the API's, to ${howLong(Math.max(off, unsure))}` };
  return {
    name,
    result: "wrong",
    detail: `This machine's clock is ${howLong(off)} ${ahead > 0 ? "ahead of" : "behind"} the API's (${when(date)}).`,
    remedy: "Let NTP set it: here overrides, quiet hours and budgets begin and end by this clock.",
  };
}

function checkStores({ status, body }: RawAnswer): Check[] {
  const { postgres, redis } = (body ?? {}) as { postgres?: string; redis?: string };
  if (postgres === undefined || redis === undefined) {
    return (["database", "redis"] as const).map((name) => ({
      name,
      result: "wrong",
      detail: `The API cannot say: /readyz answers HTTP ${status}.`,
      remedy: "Look at the Worker's log (npx wrangler tail), and at its secrets (npx wrangler secret list).",
    }));
  }
  const check = (name: Check["name"], state: string, what: string, remedy: string): Check =>
    state === "ok"
      ? { name, result: "ok", detail: `The API reaches ${what}.` }
      : { name, result: "wrong", detail: `The API does not reach ${what}.`, remedy };
  return [
    check(
      "database",
      postgres,
      "the database",
      "Check the Worker's DATABASE_URL and Neon's status; without the schema, npm run db:migrate. Agents go on by what Redis has.",
    ),
    check(
      "redis",
      redis,
      "Redis",
      "Check the Worker's UPSTASH_REDIS_REST_URL and UPSTASH_REDIS_REST_TOKEN, and Upstash's status. Changes are saved and wait.",
    ),
  ];
}

/** Whether the API is there, by whose clock, and reaches its stores. */
export async function checkApi({ settings, io }: Context): Promise<{ checks: Check[]; isThere: boolean }> {
  const { url } = settings;
  const rest = [notAsked("clock"), notAsked("database"), notAsked("redis")];
  const skipped: Check = { name: "api", result: "skipped", detail: "Its URL is not set." };
  if (url === undefined) return { checks: [skipped, ...rest], isThere: false };
  const api = createApi(url, undefined, io.fetch);
  try {
    const alive = await api.raw("GET", "/healthz");
    const now = io.now();
    if (alive.status === 429 || alive.status >= 500)
      throw new ApiError(alive.status, "unavailable", `${url} answers HTTP ${alive.status}.`);
    if ((alive.body as { status?: unknown } | undefined)?.status !== "ok")
      throw new ApiError(
        alive.status,
        "unexpected_answer",
        `What answers at ${url} is not Tracing Toggle (HTTP ${alive.status}).`,
      );
    const ready = await api.raw("GET", "/readyz");
    const there: Check = { name: "api", result: "ok", detail: `answers in ${howLong(alive.tookMs)}` };
    return { checks: [there, checkClock(alive, now), ...checkStores(ready)], isThere: true };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const remedy =
      error.status === 0
        ? `Try curl -v ${url}/healthz here, and elsewhere: the URL, a proxy, a firewall, or the Worker is not deployed.`
        : error.code === "unexpected_answer"
          ? "Check the URL: it is the Worker's, without a path; a sign-in in front of it must let /api, /healthz and /readyz pass."
          : "Look at the Worker's log: npx wrangler tail.";
    return { checks: [{ name: "api", result: "wrong", detail: error.message, remedy }, ...rest], isThere: false };
  }
}

type Project = Answer<"GET /api/v1/projects/{id}">;

const REMEDIES: Record<number, string> = {
  [EXIT.refused]: "Take a key with the scope report or read for this project: tracing-toggle keys create, then login.",
  [EXIT.notFound]: "Check the project's id, and that the key is for this project.",
  [EXIT.usage]: "Check the project's id: it is a UUID, as the settings page shows it.",
  [EXIT.unavailable]: "Mend what is wrong above, or try again.",
};

/** Whether agents see what the database says. */
function compare(project: Project | undefined, { effective, reason, version }: Seen): Check {
  const name = "project";
  const state = effective ? "on" : `off (${reason})`;
  if (reason === "break_glass")
    return {
      name,
      result: "wrong",
      detail: "An emergency stop in Redis holds tracing off for everyone.",
      remedy: "If that is over: tracing-toggle on lifts it.",
    };
  if (!project) return { name, result: "ok", detail: `Tracing is ${state}; the key may report and no more.` };
  if (version !== null && project.version > version)
    return {
      name,
      result: "wrong",
      detail: `The last change (version ${project.version}) is not in Redis yet, which has version ${version}.`,
      remedy:
        "The cron publishes it within a minute. If it does not: is Redis reached, and does the cron run (wrangler.toml)?",
    };
  if (project.effective !== effective)
    return {
      name,
      result: "wrong",
      detail: `By the rules tracing is ${project.effective ? "on" : `off (${project.reason})`}, in Redis it is ${state}.`,
      remedy: "The cron mends it within a minute; tracing-toggle on or off does at once.",
    };
  return { name, result: "ok", detail: `${project.name}: tracing is ${state}, version ${project.version}` };
}

/** Whether the key is good and may read the project, and what agents see of it. */
export async function checkProject(context: Context, isThere: boolean): Promise<{ checks: Check[]; seen?: Seen }> {
  const { settings } = context;
  const name = "project";
  if (!isThere || settings.key === undefined || settings.projectId === undefined)
    return {
      checks: [isThere ? { name, result: "skipped", detail: "There is no key, or no project." } : notAsked(name)],
    };
  try {
    const api = context.api();
    const path = { id: context.project() };
    // A change may come between the two: then the second look sees both after it.
    for (let attempt = 1; ; attempt++) {
      const project = await api.call("GET /api/v1/projects/{id}", { path }).catch((error) => {
        if (error instanceof ApiError && error.code === "forbidden") return undefined; // a key that only reports
        throw error;
      });
      const seen = await api.call("GET /api/v1/projects/{id}/tracing", { path });
      const check = compare(project, seen);
      if (check.result === "ok" || attempt === 2) return { checks: [check], seen };
    }
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const remedy = REMEDIES[(error as { exitCode?: number }).exitCode ?? -1];
    return { checks: [{ name, result: "wrong", detail: error.message, ...(remedy !== undefined && { remedy }) }] };
  }
}
