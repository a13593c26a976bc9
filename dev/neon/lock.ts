import { randomUUID } from "node:crypto";
import { link, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** What a lock file holds: enough to tell its writer from a later process with the same pid. */
interface Holder {
  pid: number;
  /** Clock ticks after boot, from /proc; null where there is no /proc. */
  startedAt: string | null;
}

/** A directory that only this process may open. */
export interface DirectoryLock {
  release(): Promise<void>;
}

/** A holder whose parent was killed a moment ago is still closing: restarting at once should not fail. */
const WAIT_MS = 2_000;
const POLL_MS = 50;

/**
 * Takes `postgres.lock` in `directory` (made when missing). PGlite does not lock its files, and a second opener would
 * corrupt them. A lock whose holder has died, also by kill -9, is taken over.
 *
 * @throws one sentence for the user: who holds the directory, or why it cannot be written, and the remedy
 */
export async function lockDirectory(directory: string): Promise<DirectoryLock> {
  const lockFile = path.join(directory, "postgres.lock");
  // A link is made with its content in place or not at all: nobody ever reads half a lock.
  const ours = `${lockFile}.${randomUUID()}`;
  const content = JSON.stringify({ pid: process.pid, startedAt: await startOf(process.pid) } satisfies Holder);
  try {
    await mkdir(directory, { recursive: true });
    await writeFile(ours, content);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Error(
      `The data directory ${directory} cannot be written (${code}): make it writable, or set LOCAL_DIR to another one.`,
    );
  }
  try {
    for (const deadline = Date.now() + WAIT_MS; !(await tryLink(ours, lockFile)); ) {
      const holder = await removeStale(lockFile);
      if (holder === undefined) continue;
      if (Date.now() > deadline) {
        throw new Error(
          `The data directory ${directory} is in use by process ${holder.pid}: stop that process, or set LOCAL_DIR to another directory.`,
        );
      }
      await sleep(POLL_MS);
    }
  } finally {
    await rm(ours, { force: true });
  }
  return { release: () => rm(lockFile, { force: true }) };
}

async function tryLink(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/** Removes the lock of a dead process; answers its holder when that one lives. */
async function removeStale(lockFile: string): Promise<Holder | undefined> {
  const found = await readIfPresent(lockFile);
  if (found === undefined) return;
  const holder = parseHolder(found);
  if (holder !== undefined && (await isAlive(holder))) return holder;
  // Two processes may find the same stale lock. Moved aside first, so that only one of them removes it; and if what was
  // moved is the fresh lock of the faster one, it goes back.
  const aside = `${lockFile}.${randomUUID()}`;
  try {
    await rename(lockFile, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
    throw error;
  }
  if ((await readFile(aside, "utf8")) !== found) await tryLink(aside, lockFile);
  await rm(aside);
}

async function readIfPresent(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

function parseHolder(content: string): Holder | undefined {
  try {
    const { pid, startedAt } = JSON.parse(content) as Holder;
    return Number.isInteger(pid) && pid > 0 ? { pid, startedAt } : undefined;
  } catch {
    return undefined;
  }
}

async function isAlive({ pid, startedAt }: Holder): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it lives, under another user.
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return false;
  }
  // Pids are used again, after a reboot from the beginning; a process that started at another time is not the holder.
  const now = await startOf(pid);
  return startedAt === null || now === null || now === startedAt;
}

/** When a process started, from /proc; null where there is no /proc (or no such process). */
async function startOf(pid: number): Promise<string | null> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, "utf8");
    // The name, in parentheses, may hold spaces; the start time is field 22, the 20th after it.
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? null;
  } catch {
    return null;
  }
}
