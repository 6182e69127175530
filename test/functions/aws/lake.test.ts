import { parquetReadObjects } from "hyparquet";
import { compressors } from "hyparquet-compressors";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { s3Blobs } from "../../../functions/aws/blobs.ts";
import { parquetLake } from "../../../functions/aws/lake.ts";
import { type LocalServices, startLocalServices } from "./local-services.ts";

describe("the lake on S3", () => {
  let services: LocalServices;
  beforeAll(async () => {
    services = await startLocalServices();
  });
  afterAll(() => services.close());
  const open = () =>
    parquetLake({ blobs: s3Blobs({ client: services.clients.s3, bucket: services.bucket }) });
  const file = (name: string, rows: readonly Record<string, unknown>[]) => ({
    sink: "hourly",
    partition: { day: "2013-01-01", tz: "UTC+1/x", none: "" },
    name,
    rows,
  });
  const keys = (): string[] =>
    services.s3.listObjectsV2({ Bucket: services.bucket, Prefix: "lake/" }).Contents.map(({ Key }) => Key);

  test("files are under Hive-style keys, and empty ones are not written", async () => {
    await open().write([file("s-0-0-7-0", [{ n: 1 }, { n: 2.5 }]), file("s-0-0-7-1", [])]);
    const [key = ""] = keys();
    expect(keys()).toEqual([
      "lake/hourly/day=2013-01-01/tz=UTC%2B1%2Fx/none=__HIVE_DEFAULT_PARTITION__/s-0-0-7-0.parquet",
    ]);
    const { Body } = services.s3.getObject({ Bucket: services.bucket, Key: key });
    expect(await parquetReadObjects({ file: Uint8Array.from(Body).buffer, compressors })).toEqual([
      { n: 1 },
      { n: 2.5 },
    ]);
  });

  test("writing a file again changes nothing, though the first answer was lost", async () => {
    services.faults.plan("s3", "PutObject", { kind: "lost-response" });
    await open().write([file("s-0-0-8-0", [{ n: 1 }])]);
    const before = keys();
    await open().write([file("s-0-0-8-0", [{ n: 1 }])]);
    expect(keys()).toEqual(before);
  });
});
