// npm run republish: after a database was restored, raises every project's version, so that the cron publishes them all.
import { runOnDatabase } from "./database.ts";

await runOnDatabase(async (sql) => {
  const [raised] = await sql`
    with raised as (
      update projects set
        version = greatest(version + 1, (extract(epoch from clock_timestamp()) * 1000)::bigint),
        next_publish_at = now()
      returning 1
    )
    select count(*) from raised`;
  console.log(`${raised?.count} projects will be published by the cron, 500 at a time, within the next minutes.`);
});
