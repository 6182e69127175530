import type { Blobs } from "../../../shared/protocol/ports.ts";
import { ServiceError } from "../../models/service-error.ts";
import { call, type Gate, isRefused } from "../gate.ts";
import { BUCKET, type Services } from "../services.ts";

export type SimulatedBlobs = Blobs & { remove(keys: readonly string[]): Promise<void> };

/** Immutable objects in the S3 model. */
export function simulatedBlobs({ s3 }: Services, gate: Gate): SimulatedBlobs {
  return {
    async put(key, bytes) {
      try {
        await call(gate, "s3", "PutObject", () =>
          s3.putObject({ Bucket: BUCKET, Key: key, Body: bytes, IfNoneMatch: "*" }),
        );
      } catch (error) {
        if (!isRefused(error)) throw error;
      }
    },

    async get(key) {
      try {
        return (await call(gate, "s3", "GetObject", () => s3.getObject({ Bucket: BUCKET, Key: key }))).Body;
      } catch (error) {
        if (error instanceof ServiceError && error.code === "NoSuchKey") return undefined;
        throw error;
      }
    },

    async remove(keys) {
      if (keys.length === 0) return;
      const Objects = keys.map((Key) => ({ Key }));
      await call(gate, "s3", "DeleteObjects", () =>
        s3.deleteObjects({ Bucket: BUCKET, Delete: { Objects, Quiet: true } }),
      );
    },
  };
}
