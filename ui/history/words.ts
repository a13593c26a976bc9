import type { ProjectEvent } from "../api.ts";
import type { Difference } from "../components/Differences.tsx";
import { type Draft, draftOf } from "../rules/draft.ts";
import * as own from "../strings/history.ts";
import * as rules from "../strings/rules.ts";
import { absoluteTime } from "../time.ts";
import { SETTINGS, type Setting, type Settings, settingsIn } from "./settings.ts";

interface Until {
  trace: boolean;
  until: string;
}
interface UserOverride {
  user: string;
  trace: boolean;
  expires_at: string | null;
}
interface Key {
  name: string;
  scopes: string[];
  expires_at: string | null;
  old_key_expires_at?: string;
}

const isRule = (name: string): name is keyof Draft => name in rules.field;

export const fieldName = (name: string): string => (isRule(name) ? rules.field[name] : (own.fields[name] ?? name));

/** In full: who reads of a change may do so on another day. */
const timeOf = (instant: string) => absoluteTime(Date.parse(instant));

/** A setting's value, or that of another field of the audit log. */
export function inWords(name: string, value: unknown): string {
  if (isRule(name)) return rules.value(draftOf({ [name]: value } as never), name);
  switch (name) {
    case "tracing_enabled":
      return own.onOrOff(value === true);
    case "override":
      return value ? own.override((value as Until).trace, timeOf((value as Until).until)) : own.none;
    case "lock":
    case "name":
      return typeof value === "string" ? own.quoted(value) : own.none;
    default:
      return JSON.stringify(value);
  }
}

export const settingsDifferences = (fields: readonly Setting[], now: Settings, then: Settings): Difference[] =>
  fields.map((name) => ({
    field: fieldName(name),
    before: inWords(name, now[name]),
    after: inWords(name, then[name]),
  }));

/** What exactly a change was, before and after. */
export function differencesOf({ action, before, after }: ProjectEvent): Difference[] {
  if (action.startsWith("user_override.")) return userDifference(before as never, after as never);
  if (before === null || after === null || action.startsWith("key.") || action === "budget.spent") return [];
  const beginsOverride = action.startsWith("override.") && !before.override;
  return [...new Set([...SETTINGS.filter((name) => name in after), ...Object.keys(after)])]
    .filter((name) => !(name === "override" && beginsOverride))
    .map((name) => ({
      field: fieldName(name),
      before: inWords(name, before[name]),
      after: inWords(name, after[name]),
    }))
    .filter((difference) => difference.before !== difference.after);
}

function userDifference(before: UserOverride | null, after: UserOverride | null): Difference[] {
  const say = (side: UserOverride | null) => {
    if (side === null) return own.asRulesSay;
    return own.traced(side.trace, side.expires_at && timeOf(side.expires_at));
  };
  return [{ field: own.quoted((after ?? before)?.user ?? ""), before: say(before), after: say(after) }];
}

/** Every change is kept, also one from off to off. */
export function changedNothing(event: ProjectEvent): boolean {
  const { before, after } = event;
  return settingsIn(event).length > 0 && after !== null && before !== null && differencesOf(event).length === 0;
}

/** What there is to say about it besides; null when there is nothing. */
export function noteOf({ action, before, after }: ProjectEvent): string | null {
  if (action.startsWith("key.")) return keyNote((after ?? before) as never);
  if (action === "project.created") return own.created(String(after?.name), after?.tracing_enabled === true);
  if (!action.startsWith("override.")) return null;
  const override = after?.override as Until | undefined;
  return override ? own.untilTime(timeOf(override.until)) : null;
}

function keyNote({ name, scopes, expires_at, old_key_expires_at: oldEnds }: Key): string {
  const note = own.key(name, scopes, expires_at && timeOf(expires_at));
  return oldEnds === undefined ? note : `${note}. ${own.oldKeyEnds(timeOf(oldEnds))}`;
}
