import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { App } from "aws-cdk-lib";
import { MillraceStack } from "../../../infra/stacks/millrace-stack.ts";
import { planApplication } from "../../../shared/plan/planner.ts";
import { VERSIONS } from "./visits.ts";

/** Every version of the application as a CDK app of its own, in a folder of its name below the one that is given. */
for (const [name, application] of Object.entries(VERSIONS)) {
  const app = new App({ outdir: join(process.argv[2] ?? ".", name), analyticsReporting: false });
  new MillraceStack(app, "visits", {
    plan: planApplication(application).plan,
    pipelines: fileURLToPath(new URL(`./${name}.ts`, import.meta.url)),
  });
  app.synth();
}
