const GUIDE = "https://docs.aws.amazon.com/lambda/latest/dg";

/** Pages of AWS's documentation that decide cases. */
export const INVOKE: string = "https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html";
export const ENVIRONMENT: string = `${GUIDE}/lambda-runtime-environment.html`;
export const VARIABLES: string = `${GUIDE}/configuration-envvars.html`;
export const TIMEOUT: string = `${GUIDE}/configuration-timeout.html`;
export const NODE_HANDLER: string = `${GUIDE}/nodejs-handler.html`;
export const NODE_CONTEXT: string = `${GUIDE}/nodejs-context.html`;
export const NODE_ERRORS: string = `${GUIDE}/nodejs-exceptions.html`;
export const LIMITS: string = `${GUIDE}/gettingstarted-limits.html`;
export const CONCURRENCY: string = `${GUIDE}/lambda-concurrency.html`;
export const RESERVED: string = `${GUIDE}/configuration-concurrency.html`;
export const EVENT_ERRORS: string = `${GUIDE}/invocation-async-error-handling.html`;
export const EVENT_CONFIG: string = `${GUIDE}/invocation-async-configuring.html`;
export const EVENT_RECORDS: string = `${GUIDE}/invocation-async-retain-records.html`;
