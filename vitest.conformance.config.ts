import { defineConfig, type ViteUserConfig } from "vitest/config";

/** The models beside independent stand-ins, which are installed on first use: minutes, so not part of `npm test`. */
const config: ViteUserConfig = defineConfig({
  test: {
    include: ["test/conformance/**/*.conformance.ts"],
    testTimeout: 60_000,
    hookTimeout: 600_000,
  },
});

export default config;
