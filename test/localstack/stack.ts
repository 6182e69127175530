import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { SQSClient } from "@aws-sdk/client-sqs";
import { type Clients, createClients } from "../../functions/aws/clients.ts";

/** LocalStack takes these, and any others. */
const ANYBODY = { region: "us-east-1", credentials: { accessKeyId: "test", secretAccessKey: "test" } };

export type AllClients = Clients & {
  readonly cloudwatch: CloudWatchClient;
  readonly logs: CloudWatchLogsClient;
  readonly sqs: SQSClient;
};

/** Those that the functions use, and those that look at what they leave behind. */
export function clientsFor(endpoint: string): AllClients {
  const options = { ...ANYBODY, endpoint };
  return {
    ...createClients(options),
    cloudwatch: new CloudWatchClient(options),
    logs: new CloudWatchLogsClient(options),
    sqs: new SQSClient(options),
  };
}

/**
 * Asks a service for which the project has no client. LocalStack tells services apart by the scope of a signature,
 * which it does not verify.
 */
export function ask(
  endpoint: string,
  service: string,
  path: string,
  request: Pick<RequestInit, "method" | "body"> = {},
): Promise<Response> {
  const scope = `Credential=test/20260101/${ANYBODY.region}/${service}/aws4_request`;
  const authorization = `AWS4-HMAC-SHA256 ${scope}, SignedHeaders=host, Signature=0`;
  return fetch(`${endpoint}${path}`, { ...request, headers: { authorization } });
}

/** The value of an API key. */
export async function apiKey(endpoint: string, id: string): Promise<string> {
  const answer = await ask(endpoint, "apigateway", `/apikeys/${id}?includeValue=true`);
  return ((await answer.json()) as { readonly value: string }).value;
}

/** Whether CloudFormation has a stack of this name; one that was deleted counts no more. */
export async function stackExists(endpoint: string, name: string): Promise<boolean> {
  const query = `/?Action=DescribeStacks&Version=2010-05-15&StackName=${name}`;
  const answer = await ask(endpoint, "cloudformation", query);
  const text = await answer.text();
  if (answer.ok) return true;
  if (text.includes(`Stack with id ${name} does not exist`)) return false;
  throw new Error(`DescribeStacks: ${answer.status} ${text}`);
}
