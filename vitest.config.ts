import { defineConfig } from "vitest/config";

/** What takes long, since it starts whole systems or loads other people's libraries: each has a command of its own. */
const SLOW = {
  integrations: "test/{adapters,agent,cli,clients,commands,load}/**/*.test.ts",
  api: "test/contract/every-route/**/*.test.ts",
  processes: "test/processes/**/*.test.ts",
  page: "test/e2e/**/*.test.ts",
  runtimes: "test/runtimes/**/*.test.ts",
};

/** Repeatable, and with an eye on what is logged. */
const WATCHED = {
  setupFiles: ["test/harness/seed.ts", "test/harness/watch-log.ts"],
  testTimeout: 20_000,
  hookTimeout: 60_000,
};

export default defineConfig({
  test: {
    // Most of the time goes by waiting for servers and clocks, not on the processor.
    maxWorkers: 3,
    projects: [
      {
        test: {
          name: "product", // npm test
          include: [
            "sdk/src/**/*.test.ts",
            "worker/**/*.test.ts",
            "ui/**/*.test.ts",
            "dev/**/*.test.ts",
            "test/**/*.test.ts",
          ],
          exclude: ["**/node_modules/**", ...Object.values(SLOW)],
          ...WATCHED,
        },
      },
      {
        test: {
          name: "integrations", // npm run test:integrations
          include: [SLOW.integrations],
          exclude: ["**/node_modules/**"],
          ...WATCHED,
        },
      },
      {
        test: {
          name: "api", // npm run test:api
          include: [SLOW.api],
          ...WATCHED,
        },
      },
      {
        test: {
          name: "processes", // npm run test:processes
          include: [SLOW.processes],
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: "page", // npm run test:e2e
          include: [SLOW.page],
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: "runtimes", // npm run test:runtimes
          include: [SLOW.runtimes],
          globalSetup: ["test/runtimes/setup.ts"],
          exclude: ["**/node_modules/**"],
          fileParallelism: false,
          testTimeout: 30_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
