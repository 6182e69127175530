import { App, RemovalPolicy } from "aws-cdk-lib";
import { app as application } from "../pipelines/index.ts";
import { planApplication } from "../shared/plan/planner.ts";
import { MillraceStack } from "./stacks/millrace-stack.ts";

/**
 * `cdk synth|deploy`: the shipped pipelines as one stack. `-c removal=destroy` lets `cdk destroy` take the data
 * too, `-c authorization=api-key` opens the API to whoever has its key.
 */
const app = new App({ analyticsReporting: false });
const authorization = app.node.tryGetContext("authorization") as "iam" | "api-key" | "none" | undefined;
const removal = app.node.tryGetContext("removal") as "retain" | "destroy" | undefined;
const { plan } = planApplication(application);

new MillraceStack(app, `millrace-${plan.application.replaceAll("_", "-")}`, {
  plan,
  description: `Millrace: the streams, stages and views of ${plan.application}`,
  authorization,
  removalPolicy: removal === "destroy" ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN,
});
