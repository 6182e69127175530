import { fileURLToPath } from "node:url";
import { App, Duration } from "aws-cdk-lib";
import type { CfnEventSourceMapping } from "aws-cdk-lib/aws-lambda";
import { MillraceStack } from "../../infra/stacks/millrace-stack.ts";
import { planApplication } from "../../shared/plan/planner.ts";
import { app as application } from "./pipelines.ts";

/**
 * The shipped stack's next version, for `cdk deploy --app "node test/localstack/app.ts"`. Beside the code it changes
 * settings of every event source mapping, which begins again at the start of its stream on LocalStack.
 */
const stack = new MillraceStack(new App({ analyticsReporting: false }), "millrace-samples", {
  plan: planApplication(application).plan,
  pipelines: fileURLToPath(new URL("./pipelines.ts", import.meta.url)),
  authorization: "api-key",
  parallelism: 2,
  lakeBatchingWindow: Duration.seconds(5),
});

/** This one stage gives a record up after four tries; others never do while the stream has it. */
const { children } = stack.stages.get("passed-probes.probes")?.node.findChild("Input").node ?? {
  children: [],
};
const stopping = children.find(({ node }) => node.id.startsWith("Mapping"));
(stopping as CfnEventSourceMapping).maximumRetryAttempts = 3;
