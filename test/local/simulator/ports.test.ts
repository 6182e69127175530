import { viewPk } from "../../../functions/aws/view-keys.ts";
import { zstd } from "../../../functions/aws/zstd.ts";
import { simulatedEnvironment } from "../../../local/simulator/environment.ts";
import { openGate } from "../../../local/simulator/gate.ts";
import { failedEvents } from "../../../local/simulator/read-back.ts";
import { createServices, type Services, VIEWS_TABLE } from "../../../local/simulator/services.ts";
import type { Key } from "../../../shared/events/event.ts";
import type { Environment } from "../../../shared/protocol/environment.ts";
import { decodeValue } from "../../../shared/state/codec.ts";
import { keyOfSortable } from "../../../shared/state/key-order.ts";
import type { Clock } from "../../../shared/time/clock.ts";
import { blobsConformance } from "../../protocol/conformance/blobs.ts";
import { commitLogConformance } from "../../protocol/conformance/commit-log.ts";
import { failedEventsConformance } from "../../protocol/conformance/failed-events.ts";
import { settableClock } from "../../protocol/conformance/settable-clock.ts";
import { type HeldRecord, streamsConformance } from "../../protocol/conformance/streams.ts";
import { viewsConformance } from "../../protocol/conformance/views.ts";

function open(clock: Clock = settableClock()): { readonly services: Services; readonly env: Environment } {
  const services = createServices({ version: 1, application: "ports", streams: [], pipelines: [] }, clock);
  const env = simulatedEnvironment({
    services,
    gate: openGate,
    clock,
    compression: zstd,
    nonce: () => "nonce",
  });
  return { services, env };
}

const close = async (): Promise<void> => {};

commitLogConformance("the simulator", async (clock) => ({ log: open(clock).env.log, close }));

blobsConformance("the simulator", async () => ({ blobs: open().env.blobs, close }));

failedEventsConformance("the simulator", async () => {
  const { services, env } = open();
  return {
    failedEvents: env.failedEvents,
    all: async (pipeline) => failedEvents(services).filter((event) => event.pipeline === pipeline),
    close,
  };
});

streamsConformance("the simulator", async () => {
  const { services, env } = open();
  let streams = 0;
  return {
    streams: env.streams,
    create: async (shards) => {
      const StreamName = `stream-${streams++}`;
      services.kinesis.createStream({ StreamName, ShardCount: shards });
      return StreamName;
    },
    held: async (stream) => held(services, stream),
    close,
  };
});

viewsConformance("the simulator", async () => {
  const { services, env } = open();
  return { views: env.views, rows: async (view, key) => rowsOf(services, view, key), close };
});

const held = ({ kinesis }: Services, stream: string): HeldRecord[] =>
  kinesis
    .listShards({ StreamName: stream })
    .Shards.flatMap(({ ShardId }) => kinesis.read(stream, ShardId, undefined, 10_000, 1e9).records)
    .map(({ PartitionKey, Data }) => ({ partition: Number(PartitionKey.slice(1)), data: Data }));

function rowsOf({ dynamodb }: Services, view: string, key: Key): { sort: Key; row: unknown }[] {
  const { Items = [] } = dynamodb.query({
    TableName: VIEWS_TABLE,
    KeyConditionExpression: "pk = :pk",
    ExpressionAttributeValues: { ":pk": { S: viewPk(view, key) } },
  });
  return Items.flatMap(({ sk, row }) =>
    sk !== undefined && "S" in sk && row !== undefined && "S" in row
      ? [{ sort: keyOfSortable(sk.S), row: decodeValue(row.S) }]
      : [],
  );
}
