import type { Command } from "commander";
import type { PlaceOptions } from "./deployment.ts";

export type DeploymentOptions = PlaceOptions & { readonly json?: true };

/** The options that say which deployment a command is about. */
export const withDeployment = (command: Command): Command =>
  command
    .option("--endpoint <url>", "a local cloud or LocalStack (default: AWS)")
    .option("--outputs <file>", "what cdk deploy --outputs-file wrote (default: the local cloud is asked)")
    .option("--stack <name>", "which stack of the file, where it has several")
    .option("--json", "results as JSON");
