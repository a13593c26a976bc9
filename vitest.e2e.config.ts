import { defineConfig } from "vitest/config";

// The page in a real browser against the real stack: npm run test:e2e.
export default defineConfig({
  test: { include: ["test/e2e/**/*.test.ts"], testTimeout: 60_000, hookTimeout: 120_000, fileParallelism: false },
});
