/**
 * The URL of a real server to run a suite on as well, from the environment.
 *
 * @throws when it is not set although `CI_REAL_SERVERS=1` promises it: a suite must not be skipped silently
 */
export function realServer(variable: "TEST_DATABASE_URL" | "TEST_REDIS_URL"): string | undefined {
  const url = process.env[variable];
  if (!url && process.env.CI_REAL_SERVERS === "1") throw new Error(`CI_REAL_SERVERS=1, but ${variable} is not set`);
  return url || undefined;
}
