import { expect, test } from "vitest";
import { viewPk } from "../../../functions/aws/view-keys.ts";
import { zstd } from "../../../functions/aws/zstd.ts";
import type { ServiceFaults } from "../../../local/models/faults.ts";
import { simulatedEnvironment } from "../../../local/simulator/environment.ts";
import { openGate } from "../../../local/simulator/gate.ts";
import { simulatedStreams } from "../../../local/simulator/ports/streams.ts";
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

test("publishes to 500 partitions whichever 1 to 499 of them are refused at first, each in its order", async () => {
  const partitions = 500;
  const records = [1, 2].flatMap((n) =>
    Array.from({ length: partitions }, (_, partition) => ({
      partition,
      partitions,
      data: new TextEncoder().encode(`${partition}: ${n}`),
    })),
  );
  for (let refused = 1; refused < partitions; refused += 1) {
    const first = (refused * 7) % partitions;
    let calls = 0;
    const faults: ServiceFaults = {
      before: (_, operation) => {
        if (operation !== "PutRecords") return undefined;
        calls += 1;
        if (calls > 1) return undefined;
        return {
          kind: "partial",
          failed: Array.from({ length: refused }, (_, i) => (first + i) % partitions),
        };
      },
    };
    const services = createServices(
      { version: 1, application: "ports", streams: [], pipelines: [] },
      settableClock(),
      faults,
    );
    services.kinesis.createStream({ StreamName: "wide", ShardCount: 1 });
    await simulatedStreams(services, openGate).publish("wide", records);
    const [shard] = services.kinesis.listShards({ StreamName: "wide" }).Shards;
    const placed = services.kinesis
      .read("wide", shard?.ShardId ?? "", undefined, 10_000, 1e9)
      .records.map(({ Data }) => new TextDecoder().decode(Data));
    const places = new Map(placed.map((text, place) => [text, place]));
    expect(placed).toHaveLength(records.length);
    expect(places.size).toBe(records.length);
    for (let partition = 0; partition < partitions; partition += 1)
      if ((places.get(`${partition}: 1`) ?? 0) > (places.get(`${partition}: 2`) ?? 0))
        expect.fail(`partition ${partition} is out of order with ${refused} refused`);
  }
});
