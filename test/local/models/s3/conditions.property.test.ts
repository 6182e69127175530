import { fc, test as property } from "@fast-check/vitest";
import { expect } from "vitest";
import { S3Model } from "../../../../local/models/s3/s3-model.ts";
import { ServiceError } from "../../../../local/models/service-error.ts";
import { milliseconds, plus } from "../../../../shared/time/time.ts";
import { ManualClock } from "../manual-clock.ts";

const Bucket = "lake";
const anyTag = fc.constantFrom(undefined, "same", '"same"', "other", "*");
const anyTime = fc.constantFrom(undefined, -1_000, 0, 1_000);

property.prop([anyTag, anyTag, anyTime, anyTime])(
  "a read goes by its conditions in the order of RFC 9110",
  (match, noneMatch, modifiedSince, unmodifiedSince) => {
    const clock = new ManualClock();
    const s3 = new S3Model({ clock });
    s3.createBucket({ Bucket });
    const { ETag } = s3.putObject({ Bucket, Key: "k", Body: new Uint8Array() });
    const tag = (text: string | undefined) => text?.replace("same", ETag.replaceAll('"', ""));
    const time = (offset: number | undefined) =>
      offset === undefined ? undefined : plus(clock.now(), milliseconds(offset));
    const isThis = (text: string) => text !== "other";

    // section 13.2.2, step by step
    let expected = 200;
    if (match !== undefined ? !isThis(match) : unmodifiedSince !== undefined && unmodifiedSince < 0)
      expected = 412;
    else if (noneMatch !== undefined ? isThis(noneMatch) : modifiedSince !== undefined && modifiedSince >= 0)
      expected = 304;

    const read = () => {
      try {
        s3.headObject({
          Bucket,
          Key: "k",
          IfMatch: tag(match),
          IfNoneMatch: tag(noneMatch),
          IfModifiedSince: time(modifiedSince),
          IfUnmodifiedSince: time(unmodifiedSince),
        });
        return 200;
      } catch (error) {
        return error instanceof ServiceError ? error.status : error;
      }
    };
    expect(read()).toBe(expected);
  },
);
