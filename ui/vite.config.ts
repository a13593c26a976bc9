import { defineConfig } from "vite";

export default defineConfig({
  root: import.meta.dirname,
  oxc: { jsx: { importSource: "preact" } },
  build: {
    outDir: "../.build/ui",
    emptyOutDir: true,
    // Data URLs would need a wider Content-Security-Policy.
    assetsInlineLimit: 0,
    // No helper for what is loaded later: its files come without styles and import only each other.
    modulePreload: false,
    // One file for the first view, not one for each set of views that share something.
    rolldownOptions: { output: { codeSplitting: { groups: [{ name: "first", tags: ["$initial"] }] } } },
  },
});
