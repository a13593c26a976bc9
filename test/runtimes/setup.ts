import { installTools } from "../../scripts/package.ts";

/** Installs the older Nodes, and says which of them are not there for this platform. */
export default async function setup(): Promise<void> {
  installTools();
  const { missing } = await import("./runtimes.ts");
  if (missing.length === 0) return;
  const platform = `${process.platform}-${process.arch}`;
  console.warn(
    `Not run: the package in ${missing.join(" and ")}, of which no npm package is installed for ${platform}.`,
  );
}
