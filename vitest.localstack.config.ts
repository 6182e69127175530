import { defineConfig, type ViteUserConfig } from "vitest/config";

/** A real `cdk deploy` against the endpoint in AWS_ENDPOINT_URL, or a LocalStack that the suite starts. */
const config: ViteUserConfig = defineConfig({
  test: {
    include: ["test/localstack/**/*.localstack.ts"],
    testTimeout: 600_000,
    hookTimeout: 1_200_000,
    fileParallelism: false,
    // each test goes on where the one before it ended
    bail: 1,
  },
});

export default config;
