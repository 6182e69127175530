import { afterAll, beforeAll, expect, test } from "vitest";
import { s3Blobs } from "../../../functions/aws/blobs.ts";
import { dynamoCommitLog } from "../../../functions/aws/commit-log.ts";
import { dynamoHeadReader } from "../../../functions/aws/heads.ts";
import { kinesisStreams } from "../../../functions/aws/streams.ts";
import { zstd } from "../../../functions/aws/zstd.ts";
import { type ClockPorts, sendTicks } from "../../../functions/clock/send-ticks.ts";
import { decodeFrame } from "../../../shared/frames/decode.ts";
import { hashKeyOf } from "../../../shared/frames/partitioner.ts";
import type { CommitLog, LogItem } from "../../../shared/protocol/ports.ts";
import { epochMs } from "../../../shared/time/time.ts";
import { type LocalServices, startLocalServices } from "../aws/local-services.ts";
import { stages, stagesIn } from "./fixture.ts";

const NOW = epochMs(1_700_000_000_000);
const [stage = ""] = stagesIn("by-page");

let services: LocalServices;
let log: CommitLog;
let ports: ClockPorts;

const item = (v: number, rest: Partial<LogItem>): LogItem => ({
  v,
  nonce: `n${v}`,
  published: v,
  outputs: false,
  watermark: epochMs(1_000),
  nextTimer: undefined,
  owes: false,
  codeVersion: "c",
  fingerprint: "f",
  counts: {},
  body: new Uint8Array(20_000),
  ...rest,
});

beforeAll(async () => {
  services = await startLocalServices();
  const { dynamodb, kinesis, s3 } = services.clients;
  const [table, clock] = [services.table("v"), { now: () => NOW }];
  const blobs = s3Blobs({ client: s3, bucket: services.bucket });
  log = dynamoCommitLog({ client: dynamodb, table, blobs, clock });
  for (const name of ["visits", "steady", "starting"])
    services.kinesis.createStream({ StreamName: name, ShardCount: 2 });
  ports = {
    readHead: dynamoHeadReader({ client: dynamodb, table }),
    streams: kinesisStreams({ client: kinesis, clock, deadline: () => NOW }),
    compression: zstd,
    clock,
  };
});
afterAll(() => services.close());

/** What is in a stream, shard by shard. */
const recordsOf = (StreamName: string) =>
  services.kinesis.listShards({ StreamName }).Shards.map(({ ShardId }) => {
    const { ShardIterator = "" } = services.kinesis.getShardIterator({
      StreamName,
      ShardId,
      ShardIteratorType: "TRIM_HORIZON",
    });
    return services.kinesis.getRecords({ ShardIterator }).Records.map(({ Data, PartitionKey }) => ({
      PartitionKey,
      frame: decodeFrame(Data, zstd),
    }));
  });

test("no log, no tick", async () => {
  expect(await sendTicks(stages, ports)).toBe(0);
});

test("a head is the last entry, whatever stands beside it", async () => {
  const id = { stage, partition: 0, epoch: 0 };
  await log.recordSnapshot(id, { v: 0, key: "k" });
  expect(await ports.readHead(id)).toBeUndefined();
  await log.append(id, item(0, { owes: true, nextTimer: epochMs(7) }));
  await log.append(id, item(1, { watermark: epochMs(2_000) }));
  expect(await ports.readHead(id)).toEqual({ watermark: 2_000, nextTimer: undefined, owes: false });
  const alarms = { stage: stagesIn("alarms")[0] ?? "", partition: 0, epoch: 0 };
  await log.append(alarms, item(0, { nextProcessingTimer: epochMs(NOW + 1) }));
  expect(await ports.readHead(alarms)).toMatchObject({ nextProcessingTimer: NOW + 1 });
});

test("a tick goes through the stream to the shard of its partition", async () => {
  await log.append({ stage, partition: 1, epoch: 0 }, item(0, { nextTimer: epochMs(5_000) }));
  expect(await sendTicks(stages, ports)).toBe(1);
  // partition 1 of 2 begins where the second of two shards does
  expect(hashKeyOf(1, 2)).toBe(String(2n ** 127n));
  expect(recordsOf("visits")).toEqual([
    [],
    [{ PartitionKey: "p1", frame: { kind: "tick", stream: "visits", partition: 1, sentAt: NOW } }],
  ]);
});

test("a stream that takes nothing fails the call, and the others get their ticks", async () => {
  const [owing = ""] = stagesIn("steadily");
  await log.append({ stage: owing, partition: 0, epoch: 0 }, item(0, { owes: true }));
  const [before = []] = recordsOf("steady");
  const failing: ClockPorts = {
    ...ports,
    streams: {
      publish: (stream, records) =>
        stream === "visits" ? Promise.reject(new Error("no")) : ports.streams.publish(stream, records),
    },
  };
  await expect(sendTicks(stages, failing)).rejects.toThrow("1 streams did not take their ticks");
  expect(recordsOf("steady")[0]).toHaveLength(before.length + 1);
});
