import { delimiter, dirname } from "node:path";
import { MillraceError } from "../../shared/errors/millrace-error.ts";

/**
 * What the CDK's command line needs to know of the cloud behind `AWS_ENDPOINT_URL`. A stand-in takes any credentials
 * and any region: where none are given it gets some, and never those of a profile, which open a real account.
 * @throws MillraceError `SETTING_MISSING` without an endpoint: a local deployment must not land in AWS
 */
export function environmentFor(given: Readonly<NodeJS.ProcessEnv>): NodeJS.ProcessEnv {
  const { AWS_PROFILE: _, ...env } = given;
  if (!env["AWS_ENDPOINT_URL"])
    throw new MillraceError(
      "SETTING_MISSING",
      "AWS_ENDPOINT_URL is not set: it names where to deploy, for example http://127.0.0.1:4566",
      { next: "refused" },
    );
  const region = env["AWS_REGION"] ?? env["AWS_DEFAULT_REGION"] ?? "us-east-1";
  return {
    ...env,
    ...(env["AWS_ACCESS_KEY_ID"] ? {} : { AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "test" }),
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    CDK_DISABLE_CLI_TELEMETRY: "true",
    // cdk.json starts the app by the name `node`, which must be the one that runs this
    PATH: [dirname(process.execPath), env["PATH"]].join(delimiter),
  };
}
