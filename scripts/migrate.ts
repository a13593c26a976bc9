// npm run db:migrate: brings the database of DATABASE_URL up to date.
import { runOnDatabase } from "./database.ts";
import { migrate } from "./migrations.ts";

await runOnDatabase(async (sql) => {
  const applied = await migrate(sql);
  console.log(applied.length > 0 ? `Applied ${applied.join(", ")}.` : "The database is up to date.");
});
