import { parseArgs } from "node:util";
import { contestants, type Running, started } from "./local/contestants.ts";
import { dynamodbFigures, kinesisFigures, roundTripFigures } from "./local/workloads.ts";
import { deployedSamples } from "./local-cloud/job.ts";
import { localCloudFigures } from "./local-cloud.ts";
import { atMost, type Figure, print } from "./report.ts";

/**
 * `npm run bench:local`: the local cloud beside servers of the same services, one after the other in one run. Claims:
 * it answers within a second of its start, the sample application deployed; and no stand-in is faster, nor does one
 * spend less CPU on a call, which is what a busy machine leaves as it is.
 */
async function localFigures(sizes: {
  readonly records: number;
  readonly puts: number;
  readonly posts: number;
  readonly requests: number;
}): Promise<Figure[]> {
  const { templateDir } = await deployedSamples();
  const figures: Figure[] = [];
  for (const contestant of contestants(templateDir)) {
    const { name, speaks } = contestant;
    process.stderr.write(`${name} …\n`);
    const ours = name === "Millrace";
    const server = await started(contestant);
    try {
      figures.push(
        {
          name: `${name}, start`,
          value: server.startSeconds,
          unit: "s",
          ...(ours && { aim: atMost(1) }),
        },
        // what a busy machine does not change
        { name: `${name}, CPU until then`, value: server.cpuSeconds(), unit: "s" },
        { name: `${name}, memory idle`, value: server.memoryMB(), unit: "MB" },
        ...(await measured(name, server, speaks, sizes)),
        ...(ours ? await roundTripFigures(name, server, sizes.posts) : []),
      );
    } finally {
      await server.close();
    }
  }
  return [...figures, ...(await localCloudFigures({ flights: 50_000, requests: sizes.requests }))];
}

async function measured(
  name: string,
  server: Running,
  speaks: readonly string[],
  { records, puts }: { readonly records: number; readonly puts: number },
): Promise<Figure[]> {
  return [
    ...(speaks.includes("dynamodb") ? await dynamodbFigures(name, server, puts) : []),
    ...(speaks.includes("kinesis") ? await kinesisFigures(name, server, records) : []),
  ];
}

const { values } = parseArgs({
  options: {
    records: { type: "string", default: "400000" },
    puts: { type: "string", default: "10000" },
    posts: { type: "string", default: "500" },
    requests: { type: "string", default: "400000" },
    json: { type: "boolean", default: false },
  },
});
const { records, puts, posts, requests, json } = values;
print(
  await localFigures({
    records: Number(records),
    puts: Number(puts),
    posts: Number(posts),
    requests: Number(requests),
  }),
  json,
);
