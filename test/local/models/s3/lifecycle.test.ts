import { fc, test as property } from "@fast-check/vitest";
import { expect, test } from "vitest";
import { Lifecycle, type LifecycleRule } from "../../../../local/models/s3/lifecycle.ts";
import { S3Model } from "../../../../local/models/s3/s3-model.ts";
import { parseTime } from "../../../../shared/time/clock.ts";
import { days, type EpochMs, epochMs, hours } from "../../../../shared/time/time.ts";
import { ManualClock } from "../manual-clock.ts";

const Bucket = "lake";
const enabled = { Status: "Enabled" } as const;

/** At noon UTC. */
function withRules(...Rules: LifecycleRule[]) {
  const clock = new ManualClock();
  clock.advance(hours(12));
  const s3 = new S3Model({ clock });
  s3.createBucket({ Bucket });
  s3.putBucketLifecycleConfiguration({ Bucket, Rules });
  const put = (Key: string, size = 1) => s3.putObject({ Bucket, Key, Body: new Uint8Array(size) });
  const keys = () => s3.listObjectsV2({ Bucket }).Contents.map(({ Key }) => Key);
  return { clock, s3, put, keys };
}

test("an object is gone at the midnight after its days, and says so before", () => {
  const { clock, s3, put, keys } = withRules({
    ...enabled,
    ID: "old",
    Filter: { Prefix: "log/" },
    Expiration: { Days: 3 },
  });
  const { Expiration } = put("log/a");
  put("snapshots/a");
  expect(Expiration).toEqual({ at: clock.now() + days(3) + hours(12), ruleId: "old" });
  expect(s3.headObject({ Bucket, Key: "log/a" }).Expiration).toEqual(Expiration);
  clock.advance(days(3));
  expect(keys()).toEqual(["log/a", "snapshots/a"]);
  clock.advance(hours(12));
  expect(keys()).toEqual(["snapshots/a"]);
  expect(() => s3.getObject({ Bucket, Key: "log/a" })).toThrow(
    expect.objectContaining({ code: "NoSuchKey" }),
  );
});

test("rules take sizes and dates, and do nothing while they are disabled", () => {
  const at = parseTime("2013-01-10T00:00:00Z");
  const { clock, put, keys } = withRules(
    {
      ...enabled,
      Filter: { ObjectSizeGreaterThan: 10, ObjectSizeLessThan: 20 },
      Expiration: { Date: at },
    },
    { Status: "Disabled", Expiration: { Days: 1 } },
  );
  for (const size of [10, 11, 19, 20]) put(`size ${size}`, size);
  clock.advance(days(8));
  expect(keys()).toHaveLength(4);
  clock.advance(days(1));
  expect(keys()).toEqual(["size 10", "size 20"]);
  put("after the date", 15);
  clock.advance(days(1));
  expect(keys()).toEqual(["size 10", "size 20"]);
});

test("an upload that nobody completes is aborted, and one that goes on later is not there", () => {
  const { clock, s3 } = withRules({
    ...enabled,
    ID: "orphaned-uploads",
    AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
  });
  const upload = s3.createMultipartUpload({ Bucket, Key: "k" });
  expect(upload.Abort).toEqual({ at: clock.now() + hours(36), ruleId: "orphaned-uploads" });
  clock.advance(hours(35));
  s3.uploadPart({ ...upload, PartNumber: 1, Body: new Uint8Array(1) });
  clock.advance(hours(1));
  expect(s3.listMultipartUploads({ Bucket }).Uploads).toEqual([]);
  expect(() => s3.listParts(upload)).toThrow(expect.objectContaining({ code: "NoSuchUpload" }));
});

test("rules that say nothing, twice the same or nonsense are refused", () => {
  const refused = (code: string, ...rules: LifecycleRule[]) =>
    expect(() => new Lifecycle(rules)).toThrow(expect.objectContaining({ code }));
  refused("InvalidRequest", enabled);
  refused("InvalidArgument", { ...enabled, Expiration: { Days: 0 } });
  refused("InvalidArgument", { ...enabled, Expiration: { Date: epochMs(1) } });
  const twice = { ...enabled, ID: "a", Expiration: { Days: 1 } };
  refused("InvalidArgument", twice, twice);
  expect(() => withRules().s3.getBucketLifecycleConfiguration({ Bucket })).toThrow(
    expect.objectContaining({ code: "NoSuchLifecycleConfiguration", status: 404 }),
  );
});

property.prop([fc.integer({ min: 0, max: 4e12 }), fc.integer({ min: 1, max: 3_650 })])(
  "a rule acts at a midnight, more than its days after creation and at most a day later than that",
  (createdAt, Days) => {
    const lifecycle = new Lifecycle([{ ...enabled, Expiration: { Days } }]);
    const at = lifecycle.expirationOf("k", 0, createdAt as EpochMs)?.at ?? Number.NaN;
    expect(at % days(1)).toBe(0);
    expect(at - createdAt).toBeGreaterThan(days(Days));
    expect(at - createdAt).toBeLessThanOrEqual(days(Days + 1));
  },
);
