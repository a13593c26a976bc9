/** What a look at one link of the chain has found. */
export interface Check {
  name: "settings" | "api" | "clock" | "database" | "redis" | "project" | "own redis" | "sdk";
  /** `note`: worth knowing, nothing to mend at once. */
  result: "ok" | "note" | "wrong" | "skipped";
  detail: string;
  /** How to mend it. */
  remedy?: string;
}

/** What the API says of the project. */
export interface Seen {
  effective: boolean;
  reason: string;
  version: number | null;
}
