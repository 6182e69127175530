import type { Cloud } from "../../local/cloud.ts";
import { REGION } from "../../local/models/arn.ts";
import type { Colors } from "../terminal.ts";

/** What to do with a local cloud now that it runs: lines to copy. */
export function directions(cloud: Cloud, c: Colors): string {
  const api = apiOf(cloud);
  const { sources, pipelines } = partsOf(cloud);
  const [stream = "<stream>"] = sources;
  const [pipeline = "<pipeline>"] = pipelines;
  const queues = cloud.sqs.listQueues().QueueUrls;
  return [
    section(c, "point the AWS CLI and SDKs at it", [
      `export AWS_ENDPOINT_URL=${cloud.url} AWS_REGION=${REGION} AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local`,
      "aws kinesis list-streams",
    ]),
    section(c, "from Node, with those variables or without them", [
      `new KinesisClient({ endpoint: "${cloud.url}", region: "${REGION}",`,
      `  credentials: { accessKeyId: "local", secretAccessKey: "local" } })`,
    ]),
    ...(api === undefined
      ? []
      : [
          section(c, "send an event", [
            `curl -X POST ${api}/v1/streams/${stream}/events -H 'content-type: application/json' -d '{…}'`,
          ]),
          section(c, "ask a view", [`curl '${api}/v1/views/<view>?key=<key>'`]),
          section(c, "failed events", [`curl '${api}/v1/failed?pipeline=${pipeline}'`]),
        ]),
    ...(queues.length === 0
      ? []
      : [
          section(
            c,
            "queues, for dead letters among others",
            queues.map((url) => `aws sqs receive-message --queue-url ${url}`),
          ),
        ]),
  ].join("\n");
}

const section = (c: Colors, title: string, lines: readonly string[]): string =>
  [c.bold(title), ...lines.map((line) => `  ${line}`)].join("\n");

/** The URL of the API's first stage; undefined where the template has no API. */
function apiOf(cloud: Cloud): string | undefined {
  if (!cloud.resources.some(({ type }) => type === "AWS::ApiGateway::Stage")) return undefined;
  return cloud.apiUrl("/").replace(/\/$/, "");
}

/** What functions are told of the application: the streams that ingest writes to, and the pipelines of stages. */
function partsOf({ lambda }: Cloud): {
  readonly sources: readonly string[];
  readonly pipelines: readonly string[];
} {
  const environments = lambda.functionNames().map((name) => lambda.configOf(name).environment);
  const ingest = environments.find(({ POWERTOOLS_SERVICE_NAME: name }) => name === "ingest");
  const stages = environments.flatMap(({ MILLRACE_STAGE: id }) => (id === undefined ? [] : [id]));
  return {
    sources: Object.keys(JSON.parse(ingest?.["MILLRACE_STREAMS"] ?? "{}") as object),
    pipelines: [...new Set(stages.map((id) => id.split(".")[0] ?? id))],
  };
}
