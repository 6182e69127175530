import type { DurationMs } from "../../shared/time/time.ts";
import { credentialsOf } from "./function-credentials.ts";

/** What the local Lambda service must know of one function. */
export type FunctionConfig = {
  readonly functionName: string;
  readonly arn: string;
  /** `file.export` or `dir/file.export`, as in the template. */
  readonly handler: string;
  /** Absolute path of the unpacked asset. */
  readonly taskRoot: string;
  readonly memoryMb: number;
  readonly timeout: DurationMs;
  readonly environment: Readonly<Record<string, string>>;
  /** The ARN of the execution role. */
  readonly role?: string;
  /** Environments at most; the service's own limit where undefined. */
  readonly reservedConcurrency?: number;
};

/** The machine's variables that a child process may see: what a process needs to run at all, and no credentials. */
const INHERITED = ["PATH", "TMPDIR", "TZ", "LANG"] as const;

/**
 * The process environment of one execution environment: the template's own variables, `AWS_ENDPOINT_URL` to the
 * local services, and over them Lambda's reserved variables, with the credentials of the function's role among them.
 */
export function processEnvironment(
  config: FunctionConfig,
  place: { readonly endpoint: string; readonly region: string; readonly environmentId: string },
): Record<string, string> {
  const inherited = INHERITED.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  const { accessKeyId, secretAccessKey, sessionToken } = credentialsOf(config.functionName);
  return {
    ...Object.fromEntries(inherited),
    AWS_ENDPOINT_URL: place.endpoint,
    ...config.environment,
    AWS_REGION: place.region,
    AWS_DEFAULT_REGION: place.region,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: sessionToken,
    AWS_EXECUTION_ENV: "AWS_Lambda_nodejs24.x",
    AWS_LAMBDA_RUNTIME_API: `${new URL(place.endpoint).host}/_lambda/${place.environmentId}`,
    AWS_LAMBDA_FUNCTION_NAME: config.functionName,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(config.memoryMb),
    AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
    AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${config.functionName}`,
    AWS_LAMBDA_LOG_STREAM_NAME: place.environmentId,
    LAMBDA_TASK_ROOT: config.taskRoot,
    _HANDLER: config.handler,
  };
}
