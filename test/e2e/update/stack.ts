import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { App } from "aws-cdk-lib";
import { MillraceStack } from "../../../infra/stacks/millrace-stack.ts";
import { planApplication } from "../../../shared/plan/planner.ts";
import { VERSIONS } from "./visits.ts";

/**
 * Every version of the application as a CDK app of its own, in a folder of its name below the one that is given; or
 * one version in each of some epochs: `first 0 1`.
 */
const [, , folder = ".", only, ...epochs] = process.argv;
for (const [name, application] of Object.entries(VERSIONS)) {
  if (only !== undefined && name !== only) continue;
  for (const epoch of only === undefined ? [undefined] : epochs) {
    const outdir = join(folder, epoch === undefined ? name : `${name}-${epoch}`);
    const app = new App({ outdir, analyticsReporting: false, context: { epoch } });
    new MillraceStack(app, "visits", {
      plan: planApplication(application).plan,
      pipelines: fileURLToPath(new URL(`./${name}.ts`, import.meta.url)),
    });
    app.synth();
  }
}
