import { fc, test as property } from "@fast-check/vitest";
import { expect } from "vitest";
import { S3Model } from "../../../../local/models/s3/s3-model.ts";
import { ManualClock } from "../manual-clock.ts";

const Bucket = "lake";
const maybe = fc.option(fc.nat({ max: 14 }), { nil: "" as const });

property.prop([fc.uint8Array({ maxLength: 10 }), maybe, maybe])(
  "a range has the bytes that RFC 9110 says, one by one",
  (body, first, last) => {
    const s3 = new S3Model({ clock: new ManualClock() });
    s3.createBucket({ Bucket });
    s3.putObject({ Bucket, Key: "k", Body: body });
    const get = () => s3.getObject({ Bucket, Key: "k", Range: `bytes=${first}-${last}` });
    const isNoRange = (first === "" && last === "") || (first !== "" && last !== "" && last < first);
    const inRange = (_: number, index: number) =>
      first === ""
        ? index >= body.length - Number(last)
        : index >= first && index <= (last === "" ? body.length : last);
    const expected = isNoRange ? [...body] : [...body].filter(inRange);
    if (!isNoRange && expected.length === 0)
      expect(get).toThrow(expect.objectContaining({ code: "InvalidRange", status: 416 }));
    else {
      const { Body, ContentLength, ContentRange } = get();
      expect([...Body]).toEqual(expected);
      expect(ContentLength).toBe(expected.length);
      if (isNoRange) expect(ContentRange).toBeUndefined();
      else expect(ContentRange).toMatch(new RegExp(`^bytes \\d+-\\d+/${body.length}$`));
    }
  },
);

property.prop([fc.array(fc.nat({ max: 3 }), { minLength: 1, maxLength: 4 })], { numRuns: 10 })(
  "the parts of an object, read by number, are the object",
  (ends) => {
    const s3 = new S3Model({ clock: new ManualClock() });
    s3.createBucket({ Bucket });
    const upload = s3.createMultipartUpload({ Bucket, Key: "k" });
    const bodies = ends.map((end, i) =>
      Buffer.alloc(i < ends.length - 1 ? 5 * 1_048_576 + end : end, 97 + i),
    );
    const Parts = bodies.map((Body, i) => {
      const PartNumber = 2 * i + 1;
      return { PartNumber, ETag: s3.uploadPart({ ...upload, PartNumber, Body }).ETag };
    });
    s3.completeMultipartUpload({ ...upload, MultipartUpload: { Parts } });
    const read = Parts.map(({ PartNumber }) => s3.getObject({ Bucket, Key: "k", PartNumber }));
    expect(read.map(({ ContentLength }) => ContentLength)).toEqual(bodies.map((body) => body.length));
    expect(read.every(({ Body }, i) => bodies[i]?.equals(Body))).toBe(true);
    expect(read[0]?.PartsCount).toBe(Parts.length);
    expect(() => s3.getObject({ Bucket, Key: "k", PartNumber: 2 })).toThrow(
      expect.objectContaining({ status: 416 }),
    );
  },
);
