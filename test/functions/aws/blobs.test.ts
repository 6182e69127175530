import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { s3Blobs } from "../../../functions/aws/blobs.ts";
import { blobsConformance } from "../../protocol/conformance/blobs.ts";
import { type LocalServices, startLocalServices } from "./local-services.ts";

blobsConformance("S3", async () => {
  const services = await startLocalServices();
  return {
    blobs: s3Blobs({ client: services.clients.s3, bucket: services.bucket }),
    close: () => services.close(),
  };
});

describe("blobs on S3", () => {
  let services: LocalServices;
  beforeAll(async () => {
    services = await startLocalServices();
  });
  afterAll(() => services.close());
  const open = (bucket = services.bucket) => s3Blobs({ client: services.clients.s3, bucket });
  const conflict = { kind: "error", code: "ConditionalRequestConflict", status: 409 } as const;

  test("a put that meets another at work asks again", async () => {
    services.faults.plan("s3", "PutObject", conflict, conflict);
    await open().put("contested", Uint8Array.of(1));
    expect(await open().get("contested")).toHaveLength(1);
  });

  test("a put that meets another each time gives up by name", async () => {
    services.faults.plan("s3", "PutObject", conflict, conflict, conflict, conflict, conflict);
    await expect(open().put("always", Uint8Array.of(1))).rejects.toMatchObject({ code: "BLOB_CONTESTED" });
  });

  test("a bucket that is not there is an error, not an absent object", async () => {
    await expect(open("no-such-bucket").get("key")).rejects.toMatchObject({ name: "NoSuchBucket" });
    await expect(open("no-such-bucket").put("key", Uint8Array.of(1))).rejects.toMatchObject({
      name: "NoSuchBucket",
    });
  });

  test("objects are removed, by the thousand and where they are not there", async () => {
    await open().put("gone", Uint8Array.of(1));
    await open().remove(["gone", ...Array.from({ length: 1_500 }, (_, i) => `never-${i}`)]);
    expect(await open().get("gone")).toBeUndefined();
  });
});
