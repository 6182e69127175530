import type { Cloud } from "../../local/cloud.ts";
import type { StackNotes } from "../../local/dev/stack-notes.ts";
import { REGION } from "../../local/models/arn.ts";
import type { Colors } from "../terminal.ts";

/**
 * What to do with a local cloud now that it runs: lines to copy.
 * @param notes - what its stacks tell of themselves
 */
export function directions(cloud: Cloud, notes: StackNotes, c: Colors): string {
  return text(
    [
      ...pointers(cloud),
      ...requests(cloud, notes),
      [
        "queues, for dead letters among others",
        // version 1 of the AWS CLI asks AWS for queues, whatever the variables say
        cloud.sqs
          .listQueues()
          .QueueUrls.map((url) => `aws sqs receive-message --endpoint-url ${cloud.url} --queue-url ${url}`),
      ],
    ],
    c,
  );
}

/** How the AWS CLI and SDKs find a local cloud: lines to copy. */
export const clientDirections = (cloud: Cloud, c: Colors): string => text(pointers(cloud), c);

type Section = readonly [title: string, lines: readonly string[]];

const text = (sections: readonly Section[], c: Colors): string =>
  sections
    .filter(([, lines]) => lines.length > 0)
    .flatMap(([title, lines]) => [c.bold(title), ...lines.map((line) => `  ${line}`)])
    .join("\n");

const pointers = ({ url }: Cloud): readonly Section[] => [
  [
    "point the AWS CLI and SDKs at it",
    [
      `export AWS_ENDPOINT_URL=${url} AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local`,
      // version 1 of the AWS CLI knows the second name only, the SDK for JavaScript the first
      `export AWS_REGION=${REGION} AWS_DEFAULT_REGION=${REGION}`,
      "aws kinesis list-streams",
    ],
  ],
  [
    "from Node: new KinesisClient() with those variables, and without them",
    [
      `new KinesisClient({ endpoint: "${url}", region: "${REGION}",`,
      `  credentials: { accessKeyId: "local", secretAccessKey: "local" } })`,
    ],
  ],
];

/** Requests to the API of Millrace's stacks. */
function requests(cloud: Cloud, { streams, views, pipelines }: StackNotes): readonly Section[] {
  const has = (type: string): boolean => cloud.resources.some((resource) => resource.type === type);
  if (streams.length === 0 || !has("AWS::ApiGateway::Stage")) return [];
  const key = has("AWS::ApiGateway::ApiKey") ? " -H 'x-api-key: <key>'" : "";
  const urlOf = (path: string): string => cloud.apiUrl(path);
  return [
    [
      "send an event",
      streams.map(
        (id) =>
          `curl${key} -H 'content-type: application/json' -d '{…}' ${urlOf(`/v1/streams/${id}/events`)}`,
      ),
    ],
    ["ask a view", views.map((name) => `curl${key} '${urlOf(`/v1/views/${name}`)}?key=…'`)],
    ["failed events", pipelines.map((id) => `curl${key} '${urlOf("/v1/failed")}?pipeline=${id}'`)],
  ];
}
