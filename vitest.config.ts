import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: [
      "sdk/src/**/*.test.ts",
      "worker/**/*.test.ts",
      "ui/**/*.test.ts",
      "dev/**/*.test.ts",
      "test/**/*.test.ts",
    ],
    exclude: ["**/node_modules/**", "test/e2e/**"],
    // Most of the time goes by waiting for servers and clocks, not on the processor.
    maxWorkers: 3,
    testTimeout: 20_000,
    hookTimeout: 60_000,
  },
});
