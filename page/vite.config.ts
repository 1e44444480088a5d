// One script and one style sheet, which a report carries inside itself.
import { defineConfig } from "vite";

export default defineConfig({
  build: {
    outDir: "../src/anabasis/viewer/page",
    emptyOutDir: true,
    target: "es2022",
    cssCodeSplit: false,
    lib: {
      entry: "src/main.ts",
      formats: ["iife"],
      name: "anabasisPage",
      fileName: () => "page.js",
      cssFileName: "page",
    },
  },
});
