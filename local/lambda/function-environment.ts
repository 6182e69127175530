import { ServiceError } from "../models/service-error.ts";
import type { FunctionConfig } from "./function-config.ts";
import { credentialsOf } from "./function-credentials.ts";

/** The machine's variables that a child process may see: what a process needs to run at all, and no credentials. */
const INHERITED = ["PATH", "TMPDIR"] as const;

const VARIABLES_LIMIT_BYTES = 4_096;
/** Variables that a template may not set (https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html). */
const RESERVED: ReadonlySet<string> = new Set([
  "_HANDLER",
  "_X_AMZN_TRACE_ID",
  "AWS_DEFAULT_REGION",
  "AWS_REGION",
  "AWS_EXECUTION_ENV",
  "AWS_LAMBDA_FUNCTION_NAME",
  "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
  "AWS_LAMBDA_FUNCTION_VERSION",
  "AWS_LAMBDA_INITIALIZATION_TYPE",
  "AWS_LAMBDA_LOG_GROUP_NAME",
  "AWS_LAMBDA_LOG_STREAM_NAME",
  "AWS_ACCESS_KEY",
  "AWS_ACCESS_KEY_ID",
  "AWS_SECRET_ACCESS_KEY",
  "AWS_SESSION_TOKEN",
  "AWS_LAMBDA_RUNTIME_API",
  "LAMBDA_TASK_ROOT",
  "LAMBDA_RUNTIME_DIR",
]);

/**
 * Checks a function's own variables as Lambda does.
 * @throws ServiceError InvalidParameterValueException for reserved names and for more than 4 KB
 */
export function checkEnvironment(environment: FunctionConfig["environment"]): void {
  const reserved = Object.keys(environment).filter((name) => RESERVED.has(name));
  if (reserved.length > 0)
    throw invalid(
      `Lambda was unable to configure your environment variables because the environment variables you have provided contains reserved keys that are currently not supported for modification. Reserved keys used in this request: ${reserved.join(", ")}`,
    );
  if (Buffer.byteLength(JSON.stringify(environment)) > VARIABLES_LIMIT_BYTES)
    throw invalid(
      "Lambda was unable to configure your environment variables because the environment variables you have provided exceeded the 4KB limit.",
    );
}

const invalid = (message: string): ServiceError =>
  new ServiceError("InvalidParameterValueException", message, 400);

/**
 * The process environment of one execution environment: the template's own variables, `AWS_ENDPOINT_URL` to the
 * local services, and over them Lambda's reserved variables, with the credentials of the function's role among them.
 */
export function processEnvironment(
  config: FunctionConfig,
  place: {
    readonly endpoint: string;
    readonly region: string;
    readonly environmentId: string;
    readonly logStream: string;
    readonly clockSkewMs: number;
  },
): Record<string, string> {
  const inherited = INHERITED.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  const { accessKeyId, secretAccessKey, sessionToken } = credentialsOf(config.functionName);
  return {
    ...Object.fromEntries(inherited),
    LANG: "en_US.UTF-8",
    TZ: ":UTC",
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
    AWS_LAMBDA_LOG_GROUP_NAME: config.logGroup ?? `/aws/lambda/${config.functionName}`,
    AWS_LAMBDA_LOG_STREAM_NAME: place.logStream,
    ...(place.clockSkewMs !== 0 && { MILLRACE_LOCAL_CLOCK_SKEW_MS: String(place.clockSkewMs) }),
    LAMBDA_TASK_ROOT: config.taskRoot,
    _HANDLER: config.handler,
  };
}
