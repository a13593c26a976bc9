import { defineConfig } from "vitest/config";

/** Whole systems that are slow to start: they have a command of their own. */
const SLOW = {
  processes: "test/processes/**/*.test.ts",
  page: "test/e2e/**/*.test.ts",
  runtimes: "test/runtimes/**/*.test.ts",
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
          setupFiles: ["test/harness/seed.ts", "test/harness/canary.ts"],
          testTimeout: 20_000,
          hookTimeout: 60_000,
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
