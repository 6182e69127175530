/** The account and region in which every model lives. */
export const ACCOUNT_ID = "000000000000";
export const REGION = "us-east-1";

/** The ARN of a resource of the modelled account, e.g. `arnOf("kinesis", "stream/flights")`. */
export const arnOf = (service: string, resource: string): string =>
  `arn:aws:${service}:${REGION}:${ACCOUNT_ID}:${resource}`;

/** The last part of an ARN's resource, e.g. the stream's name. */
export const nameInArn = (arn: string): string =>
  arn.slice(Math.max(arn.lastIndexOf("/"), arn.lastIndexOf(":")) + 1);
