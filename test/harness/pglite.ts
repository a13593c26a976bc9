import { existsSync, readFileSync } from "node:fs";
import { mkdir, rename, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { PGlite } from "@electric-sql/pglite";
import type { Backend } from "../../dev/neon/backend.ts";
import { openPglite } from "../../dev/neon/pglite.ts";

const root = new URL("../../", import.meta.url);
const { devDependencies } = JSON.parse(readFileSync(new URL("package.json", root), "utf8"));
const folder = fileURLToPath(new URL(".build/test/", root));
const template = `${folder}pglite-${devDependencies["@electric-sql/pglite"]}.tar`;

async function makeTemplate(): Promise<void> {
  const db = await PGlite.create();
  const dump = await db.dumpDataDir("none");
  await db.close();
  await mkdir(folder, { recursive: true });
  const mine = `${template}.${process.pid}`;
  await writeFile(mine, Buffer.from(await dump.arrayBuffer()));
  await rename(mine, template); // another process may be making it, too
}

/** An empty PGlite in memory. The first one takes seconds to make, the others start from a copy of it. */
export async function openEmptyPglite(): Promise<Backend> {
  if (!existsSync(template)) await makeTemplate();
  return openPglite(undefined, new Blob([readFileSync(template)]));
}
