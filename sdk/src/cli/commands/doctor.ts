import { checkApi, checkProject } from "../checks/api.ts";
import type { Check } from "../checks/check.ts";
import { checkRedis } from "../checks/redis.ts";
import { checkSdk } from "../checks/sdk.ts";
import { checkSettings } from "../checks/settings.ts";
import { CliError, EXIT } from "../errors.ts";
import { clean, redact } from "../text.ts";
import type { Command, Context } from "./command.ts";

const MARKS = {
  ok: ["green", "ok"],
  note: ["yellow", "note"],
  wrong: ["red", "WRONG"],
  skipped: ["yellow", "skipped"],
} as const;
const WIDTH = 9;

function report({ paint }: Context, checks: Check[]): string {
  const lines = checks.map(({ name, result, detail, remedy }) => {
    const [colour, mark] = MARKS[result];
    const padding = " ".repeat(WIDTH - mark.length);
    const mend = remedy === undefined ? "" : `${" ".repeat(WIDTH + 10)}→ ${clean(remedy)}\n`;
    return `${paint(colour, mark)}${padding}${name.padEnd(10)}${clean(detail)}\n${mend}`;
  });
  return lines.join("");
}

export const doctor: Command = {
  name: "doctor",
  summary: "Check the whole chain from this machine, and say what to mend",
  details: `Settings, the API, its clock, database and Redis, the key and the project; this machine's own way to Redis, where
UPSTASH_REDIS_REST_URL and UPSTASH_REDIS_REST_TOKEN are set; and whether the SDK decides here as the API says.
A key with the scope report is enough. Exit code 1 when anything is wrong.`,
  async run(context) {
    const { io } = context;
    const checks: Check[] = [];
    const secrets = [context.settings.key, io.env.TRACING_TOGGLE_API_KEY, io.env.UPSTASH_REDIS_REST_TOKEN];
    const add = (...found: Check[]) =>
      checks.push(
        ...found.map((check) => ({
          ...check,
          detail: redact(check.detail, secrets),
          ...(check.remedy !== undefined && { remedy: redact(check.remedy, secrets) }),
        })),
      );
    add(...checkSettings(context));
    const { checks: ofApi, isThere } = await checkApi(context);
    add(...ofApi);
    const { checks: ofProject, seen } = await checkProject(context, isThere);
    add(...ofProject);
    add(...(await checkRedis(context, seen)));
    add(...(await checkSdk(context, seen)));
    const wrong = checks.filter(({ result }) => result === "wrong").length;
    context.show({ ok: wrong === 0, checks }, () => report(context, checks));
    if (wrong > 0) throw new CliError(EXIT.failed, `${wrong} of ${checks.length} checks found something wrong.`);
    return EXIT.ok;
  },
};
