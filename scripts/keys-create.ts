// npm run keys:create -- [--name NAME] [--scopes admin,write,read,report] [--project ID]
// Creates an API key against the database of DATABASE_URL, and prints it: the only time that anyone sees it.
import { parseArgs } from "node:util";
import { runOnDatabase } from "./database.ts";
import { storeKey } from "./keys.ts";

await runOnDatabase(async (sql) => {
  const { values } = parseArgs({
    options: {
      name: { type: "string", default: "admin" },
      scopes: { type: "string", default: "admin" },
      project: { type: "string" },
    },
  });
  const { name, project: projectId } = values;
  const scopes = values.scopes.split(",").map((scope) => scope.trim());
  const key = await storeKey(sql, { name, scopes, projectId: projectId?.toLowerCase() ?? null });
  console.error(
    `Key "${name}" (${scopes.join(", ")}, ${projectId ? `project ${projectId}` : "all projects"}). Keep it: it is shown once.`,
  );
  console.log(key);
});
