import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { kinesisStreams } from "../../../functions/aws/streams.ts";
import { epochMs, plus, seconds } from "../../../shared/time/time.ts";
import { settableClock } from "../../protocol/conformance/settable-clock.ts";
import {
  type HeldRecord,
  perPartition,
  record,
  streamsConformance,
} from "../../protocol/conformance/streams.ts";
import { type LocalServices, startLocalServices } from "./local-services.ts";

let streamCount = 0;
function create(services: LocalServices, shards: number): string {
  const StreamName = `stream-${streamCount++}`;
  services.kinesis.createStream({ StreamName, ShardCount: shards });
  return StreamName;
}

function held(services: LocalServices, StreamName: string): HeldRecord[] {
  return services.kinesis.listShards({ StreamName }).Shards.flatMap(({ ShardId }) => {
    const { ShardIterator } = services.kinesis.getShardIterator({
      StreamName,
      ShardId,
      ShardIteratorType: "TRIM_HORIZON",
    });
    const records: HeldRecord[] = [];
    for (let next: string | null = ShardIterator; next !== null; ) {
      const page = services.kinesis.getRecords({ ShardIterator: next });
      for (const { PartitionKey, Data } of page.Records)
        records.push({ partition: Number(PartitionKey.slice(1)), data: Data });
      next = page.Records.length === 0 ? null : page.NextShardIterator;
    }
    return records;
  });
}

streamsConformance("Kinesis", async () => {
  const services = await startLocalServices();
  return {
    streams: kinesisStreams({ client: services.clients.kinesis, clock: settableClock() }),
    create: async (shards) => create(services, shards),
    held: async (stream) => held(services, stream),
    close: () => services.close(),
  };
});

describe("streams on Kinesis", () => {
  let services: LocalServices;
  beforeAll(async () => {
    services = await startLocalServices();
  });
  afterAll(() => services.close());
  const open = () => kinesisStreams({ client: services.clients.kinesis, clock: settableClock() });
  const records = ["a", "b", "c"].flatMap((text) => [
    record(0, 4, text),
    record(1, 4, text),
    record(3, 4, text),
  ]);

  test("records that a call could not place come before the later ones of their partition", async () => {
    const stream = create(services, 1);
    const failing = (...failed: number[]) => ({ kind: "partial", failed }) as const;
    services.faults.plan("kinesis", "PutRecords", failing(0, 2), failing(1), failing(0, 1, 2));
    await open().publish(stream, records);
    expect(perPartition(held(services, stream))).toEqual(perPartition(records));
  });

  test("a call whose answer was lost leaves repeats, never a later record before an earlier one", async () => {
    const stream = create(services, 1);
    services.faults.plan("kinesis", "PutRecords", { kind: "lost-response" });
    await open().publish(stream, records);
    const received = perPartition(held(services, stream));
    for (const partition of [0, 1, 3]) expect(received.get(partition)).toEqual(["a", "a", "b", "c"]);
  });

  test("a partition's records go to the shard that holds the start of its range, under its name", async () => {
    const stream = create(services, 4);
    await open().publish(
      stream,
      [0, 1, 2, 3].map((p) => record(p, 4, `p${p}`)),
    );
    expect(held(services, stream).map(({ partition }) => partition)).toEqual([0, 1, 2, 3]);
  });

  test("what is not placed by the deadline is counted in the error", async () => {
    const stream = create(services, 1);
    let calls = 0;
    // each look at the clock is 4 s later: the third failing call is past the deadline of 10 s
    const clock = { now: () => plus(epochMs(0), seconds(4 * calls++)) };
    const streams = kinesisStreams({
      client: services.clients.kinesis,
      clock,
      deadline: () => epochMs(10_000),
    });
    const stuck = { kind: "partial", failed: [1] } as const;
    services.faults.plan("kinesis", "PutRecords", stuck, stuck, stuck, stuck, stuck, stuck, stuck, stuck);
    const error: unknown = await streams.publish(stream, records).catch((thrown: unknown) => thrown);
    services.faults.plan("kinesis", "PutRecords");
    expect(error).toMatchObject({ code: "PUBLISH_FAILED", next: "retried" });
    const placed = held(services, stream).length;
    expect((error as Error).message).toContain(`${records.length - placed} of 9 records`);
  });

  test("a stream that is not there fails at once, with its cause", async () => {
    await expect(open().publish("no-such-stream", records)).rejects.toMatchObject({
      code: "PUBLISH_FAILED",
      cause: { name: "ResourceNotFoundException" },
    });
  });

  test("a stream's deployed name is used", async () => {
    const deployed = create(services, 1);
    const streams = kinesisStreams({
      client: services.clients.kinesis,
      clock: settableClock(),
      nameOf: (stream) => (stream === "flights" ? deployed : stream),
    });
    await streams.publish("flights", records);
    expect(held(services, deployed)).toHaveLength(9);
  });
});
