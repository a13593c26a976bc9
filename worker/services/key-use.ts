import { inArray, sql } from "drizzle-orm";
import { apiKeys } from "../store/schema.ts";
import type { Context } from "./context.ts";

const MINUTE_MS = 60_000;
const REMEMBERED = 1_000;
/** A write that has not ended by then was cut off with its request. */
const WRITE_MAY_TAKE_MS = 30_000;

/** When keys were used, as far as this isolate has seen: its memory. */
export interface KeyUse {
  /** The last minute in which each key was noted, by the key's id. */
  noted: Map<string, number>;
  /** Those that are not written yet. */
  unwritten: Map<string, number>;
  writingUntil: number;
}

export const createKeyUse = (): KeyUse => ({ noted: new Map(), unwritten: new Map(), writingUntil: 0 });

/**
 * Notes that a key was used, to the minute: at most one write a minute for each key, after the answer, and one for all the keys
 * that came meanwhile. A write that fails is not repeated: the next minute's says it again.
 */
export function noteUse(context: Context, use: KeyUse, keyId: string): void {
  const now = context.now();
  const minute = now - (now % MINUTE_MS);
  if (use.noted.get(keyId) === minute) return;
  use.noted.delete(keyId);
  use.noted.set(keyId, minute);
  if (use.noted.size > REMEMBERED) use.noted.delete(use.noted.keys().next().value as string);
  use.unwritten.set(keyId, minute);
  if (now < use.writingUntil && now >= use.writingUntil - WRITE_MAY_TAKE_MS) return;
  use.writingUntil = now + WRITE_MAY_TAKE_MS;
  context.defer(writeAll(context, use));
}

async function writeAll(context: Context, use: KeyUse): Promise<void> {
  try {
    while (use.unwritten.size > 0) {
      const minute = new Date(Math.max(...use.unwritten.values()));
      const ids = [...use.unwritten.keys()];
      use.unwritten.clear();
      await context.postgres.run((database) =>
        database
          .update(apiKeys)
          .set({ lastUsedAt: sql`greatest(${apiKeys.lastUsedAt}, ${minute.toISOString()}::timestamptz)` })
          .where(inArray(apiKeys.selector, ids)),
      );
    }
  } catch {
    use.unwritten.clear();
  } finally {
    use.writingUntil = 0;
  }
}
