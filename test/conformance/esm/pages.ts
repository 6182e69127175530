/** Pages of AWS's documentation that decide cases. */
const LAMBDA = "https://docs.aws.amazon.com/lambda/latest/dg";

export const MAPPINGS: string = `${LAMBDA}/invocation-eventsourcemapping.html`;
export const KINESIS: string = `${LAMBDA}/with-kinesis.html`;
export const CREATION: string = `${LAMBDA}/services-kinesis-create.html`;
export const PARAMETERS: string = `${LAMBDA}/services-kinesis-parameters.html`;
export const ERRORS: string = `${LAMBDA}/kinesis-on-failure-destination.html`;
export const REPORTING: string = `${LAMBDA}/services-kinesis-batchfailurereporting.html`;
export const FILTERING: string = `${LAMBDA}/invocation-eventfiltering.html`;
export const SQS: string = `${LAMBDA}/with-sqs.html`;
export const SQS_ERRORS: string = `${LAMBDA}/services-sqs-errorhandling.html`;
export const SQS_SCALING: string = `${LAMBDA}/services-sqs-scaling.html`;
export const SQS_PARAMETERS: string = `${LAMBDA}/services-sqs-parameters.html`;
export const LIMITS: string = `${LAMBDA}/gettingstarted-limits.html`;
export const UPDATE: string =
  "https://docs.aws.amazon.com/lambda/latest/api/API_UpdateEventSourceMapping.html";
export const DELETION: string =
  "https://docs.aws.amazon.com/lambda/latest/api/API_DeleteEventSourceMapping.html";
export const RESHARDING: string =
  "https://docs.aws.amazon.com/streams/latest/dev/kinesis-using-sdk-java-after-resharding.html";
