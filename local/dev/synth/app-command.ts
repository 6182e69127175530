import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { MillraceError, messageOf } from "../../../shared/errors/millrace-error.ts";
import { ACCOUNT_ID, REGION } from "../../models/arn.ts";
import { ownFile } from "../own-file.ts";

/** How a CDK app is run. */
export type AppCommand = {
  /** A line for the shell. */
  readonly command: string;
  /** Run before it, each time. */
  readonly build: string | undefined;
  /** Where both run. */
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
};

type CdkSettings = {
  readonly app?: unknown;
  readonly build?: unknown;
  readonly context?: Readonly<Record<string, unknown>>;
};

/**
 * The app of a folder's cdk.json, with the settings that `cdk synth` would give it. The templates' own validation,
 * which costs seconds of CPU a run, is left to `cdk synth`.
 * @throws MillraceError CLI_NO_PIPELINES where cdk.json cannot be read or names no app
 */
export function cdkApp(folder: string): AppCommand {
  const { app, build, context } = settingsIn(folder, "cdk.json");
  if (typeof app !== "string")
    throw new MillraceError("CLI_NO_PIPELINES", `"${join(folder, "cdk.json")}" names no app`, {
      next: "refused",
    });
  return {
    command: app,
    build: typeof build === "string" ? build : undefined,
    folder,
    environment: {
      CDK_DEFAULT_ACCOUNT: ACCOUNT_ID,
      CDK_DEFAULT_REGION: REGION,
      CDK_CONTEXT_JSON: JSON.stringify({ ...context, ...settingsIn(folder, "cdk.context.json") }),
    },
  };
}

/**
 * An app for a module of pipelines that has none: one stack with all defaults.
 * @param work - a folder for what is made from the module
 */
export const defaultApp = (module: string, folder: string, work: string): AppCommand => ({
  command: `"${process.execPath}" "${ownFile("infra/dev/default-app")}"`,
  build: undefined,
  folder,
  environment: {
    MILLRACE_PIPELINES: module,
    MILLRACE_WORK: work,
    CDK_CONTEXT_JSON: JSON.stringify({ "@aws-cdk/aws-iam:minimizePolicies": true }),
  },
});

function settingsIn(folder: string, name: string): CdkSettings {
  const file = join(folder, name);
  if (!existsSync(file)) return {};
  try {
    return JSON.parse(readFileSync(file, "utf8")) as CdkSettings;
  } catch (cause) {
    throw new MillraceError("CLI_NO_PIPELINES", `"${file}" is no JSON: ${messageOf(cause)}`, {
      next: "refused",
      cause,
    });
  }
}
