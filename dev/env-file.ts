import { readFile, writeFile } from "node:fs/promises";

/** Variables by name. */
export type Variables = Record<string, string>;

/** Reads a dotenv file that {@link writeEnvFile} wrote; empty when there is none. */
export async function readEnvFile(file: string): Promise<Variables> {
  const text = await readFile(file, "utf8").catch(() => "");
  return Object.fromEntries(
    text
      .split("\n")
      .map((line) => /^(\w+)=(.*)$/.exec(line))
      .filter((match) => match !== null)
      .map(([, name, value = ""]) => [name, value.replace(/^'(.*)'$/, "$1")]),
  );
}

/** Writes a dotenv file that only its owner can read: it holds secrets. */
export async function writeEnvFile(file: string, variables: Variables): Promise<void> {
  const lines = Object.entries(variables).map(
    ([name, value]) => `${name}=${/^[\w.:/@-]*$/.test(value) ? value : `'${value}'`}\n`,
  );
  await writeFile(file, lines.join(""), { mode: 0o600 });
}
