import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { s3Blobs } from "../../../functions/aws/blobs.ts";
import { dynamoCommitLog } from "../../../functions/aws/commit-log.ts";
import type { Fault } from "../../../local/models/faults.ts";
import type { CommitLog, PartitionId } from "../../../shared/protocol/ports.ts";
import type { Clock } from "../../../shared/time/clock.ts";
import { epochMs } from "../../../shared/time/time.ts";
import { commitLogConformance, entry } from "../../protocol/conformance/commit-log.ts";
import { settableClock } from "../../protocol/conformance/settable-clock.ts";
import { type LocalServices, startLocalServices } from "./local-services.ts";

const openOn = (
  services: LocalServices,
  clock: Clock,
): { readonly log: CommitLog; readonly table: string } => {
  const table = services.table("v");
  const blobs = s3Blobs({ client: services.clients.s3, bucket: services.bucket });
  return { table, log: dynamoCommitLog({ client: services.clients.dynamodb, table, blobs, clock }) };
};

commitLogConformance("DynamoDB and S3", async (clock) => {
  const services = await startLocalServices();
  return { log: openOn(services, clock).log, close: () => services.close() };
});

describe("the commit log on DynamoDB", () => {
  const lost: Fault = { kind: "lost-response" };
  const clock = settableClock();
  let services: LocalServices;
  let log: CommitLog;
  let table: string;
  let partitions = 0;
  const fresh = (): PartitionId => ({ stage: "s", partition: partitions++, epoch: 0 });
  const large = new Uint8Array(9_000).fill(5);
  beforeAll(async () => {
    services = await startLocalServices();
    ({ log, table } = openOn(services, clock));
  });
  afterAll(() => services.close());
  const keysOf = (id: PartitionId): readonly string[] =>
    services.s3
      .listObjectsV2({ Bucket: services.bucket, Prefix: `log/s/${id.epoch}/${id.partition}/` })
      .Contents.map(({ Key }) => Key);

  test("a put whose answer was lost has won: the retry meets its own nonce", async () => {
    const id = fresh();
    services.faults.plan("dynamodb", "PutItem", lost, lost);
    expect(await log.append(id, entry(1, "mine"))).toEqual({ won: true });
    expect((await log.readAfter(id, 0)).map(({ nonce }) => nonce)).toEqual(["mine"]);
  });

  test("a put that was throttled is tried again", async () => {
    const id = fresh();
    services.faults.plan("dynamodb", "PutItem", { kind: "throttle" }, lost);
    expect(await log.append(id, entry(1, "mine"))).toEqual({ won: true });
  });

  test("of two writers whose answers are both lost one has won, and both know which", async () => {
    const id = fresh();
    services.faults.plan("dynamodb", "PutItem", lost, lost);
    const [a, b] = await Promise.all([log.append(id, entry(1, "a")), log.append(id, entry(1, "b"))]);
    const [{ nonce } = { nonce: "" }] = await log.readAfter(id, 0);
    expect(a).toEqual(nonce === "a" ? { won: true } : { won: false, nonce });
    expect(b).toEqual(nonce === "b" ? { won: true } : { won: false, nonce });
  });

  test("a put that is done and never answered rejects, and its nonce tells later who won", async () => {
    const id = fresh();
    const broken: Fault = { kind: "error", code: "InternalServerError", status: 500 };
    services.faults.plan("dynamodb", "PutItem", lost, broken, broken, broken);
    await expect(log.append(id, entry(1, "mine"))).rejects.toMatchObject({ name: "InternalServerError" });
    expect(await log.append(id, entry(1, "other"))).toEqual({ won: false, nonce: "mine" });
    expect(await log.append(id, entry(1, "mine"))).toEqual({ won: true });
  });

  test("a large body whose put lost its answer is there once", async () => {
    const id = fresh();
    services.faults.plan("s3", "PutObject", lost);
    expect(await log.append(id, entry(1, "mine", { body: large }))).toEqual({ won: true });
    expect(keysOf(id)).toEqual([`log/s/0/${id.partition}/1-mine`]);
    expect((await log.readAfter(id, 0))[0]?.body).toEqual(large);
  });

  test("a body that is missing or damaged is refused by name", async () => {
    const id = fresh();
    await log.append(id, entry(1, "mine", { body: large }));
    const Key = `log/s/0/${id.partition}/1-mine`;
    services.s3.putObject({ Bucket: services.bucket, Key, Body: large.with(0, 6) });
    await expect(log.readAfter(id, 0)).rejects.toMatchObject({ code: "BODY_DAMAGED" });
    services.s3.deleteObject({ Bucket: services.bucket, Key });
    await expect(log.readAfter(id, 0)).rejects.toMatchObject({ code: "BODY_DAMAGED" });
  });

  test("truncation deletes the bodies of what it takes, though DynamoDB and S3 falter", async () => {
    const id = fresh();
    clock.set(1);
    for (let v = 1; v <= 5; v++) await log.append(id, entry(v, "n", { body: large }));
    services.faults.plan("dynamodb", "BatchWriteItem", { kind: "partial", failed: [0, 2] }, lost);
    services.faults.plan("s3", "DeleteObjects", lost);
    await log.truncate(id, 4, epochMs(2));
    expect((await log.readAfter(id, 0)).map(({ v }) => v)).toEqual([5]);
    expect(keysOf(id)).toEqual([`log/s/0/${id.partition}/5-n`]);
  });

  test("an entry of 8 KB costs DynamoDB alone, and one more byte makes a body in S3", async () => {
    const id = fresh();
    await log.append(id, entry(1, "n", { body: new Uint8Array(8_192) }));
    expect(keysOf(id)).toEqual([]);
    await log.append(id, entry(2, "n", { body: new Uint8Array(8_193) }));
    expect(keysOf(id)).toHaveLength(1);
    const { Item } = services.dynamodb.getItem({
      TableName: table,
      Key: { pk: { S: `s#${id.partition}#0` }, v: { N: "2" } },
    });
    expect(Object.keys(Item ?? {})).toContain("sha256");
    expect(Object.keys(Item ?? {})).not.toContain("body");
  });
});
