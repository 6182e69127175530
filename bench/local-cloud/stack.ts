import { fileURLToPath } from "node:url";
import { App } from "aws-cdk-lib";
import { MillraceStack } from "../../infra/stacks/millrace-stack.ts";
import { planApplication } from "../../shared/plan/planner.ts";
import { app } from "./one-pipeline.ts";

/** A CDK app, as a user's own would be: one application, whose module the functions are bundled with. */
new MillraceStack(new App({ analyticsReporting: false }), "bench", {
  plan: planApplication(app).plan,
  pipelines: fileURLToPath(new URL("./one-pipeline.ts", import.meta.url)),
});
