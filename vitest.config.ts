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
    testTimeout: 20_000,
    hookTimeout: 60_000,
  },
});
