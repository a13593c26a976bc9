import { statSync } from "node:fs";
import type { Context } from "../commands/command.ts";
import { configPath } from "../config.ts";
import type { Check } from "./check.ts";

const SIGN_IN =
  "Run tracing-toggle login, or set TRACING_TOGGLE_API_URL, TRACING_TOGGLE_API_KEY and TRACING_TOGGLE_PROJECT_ID.";

/** Whether the file with the key is for its owner's eyes only; nothing to say on Windows, which has no such modes. */
function othersCanRead(file: string): boolean {
  try {
    return process.platform !== "win32" && (statSync(file).mode & 0o077) !== 0;
  } catch {
    return false;
  }
}

/** Whether everything is set that is needed. */
export function checkSettings({ settings, io }: Context): Check[] {
  const { url, key, projectId, from } = settings;
  const name = "settings";
  const missing = [!url && "the API's URL", !key && "an API key", !projectId && "a project"].filter(Boolean);
  if (missing.length > 0)
    return [
      {
        name,
        result: "wrong",
        detail: `There is no ${missing.join(", no ").replaceAll("no the", "no")}.`,
        remedy: SIGN_IN,
      },
    ];
  const file = configPath(io.env);
  if (othersCanRead(file))
    return [
      {
        name,
        result: "wrong",
        detail: `Others on this machine can read the key in ${file}.`,
        remedy: `chmod 600 ${file}`,
      },
    ];
  return [
    { name, result: "ok", detail: `${url}, project ${projectId} (${[...new Set(Object.values(from))].join(", ")})` },
  ];
}
