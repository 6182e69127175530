import type { Blobs } from "../../../shared/protocol/ports.ts";
import { ServiceError } from "../../models/service-error.ts";
import { call, type Gate, isRefused } from "../gate.ts";
import { BUCKET, type Services } from "../services.ts";

/** Writers of one key write the same bytes, so that a conflict ends with the first of them. */
const MAX_CONFLICTS = 5;

/** Immutable objects in the S3 model. */
export function simulatedBlobs({ s3 }: Services, gate: Gate): Blobs {
  return {
    async put(key, bytes) {
      for (let attempt = 1; ; attempt += 1)
        try {
          await call(gate, "s3", "PutObject", () =>
            s3.putObject({ Bucket: BUCKET, Key: key, Body: bytes, IfNoneMatch: "*" }),
          );
          return;
        } catch (error) {
          if (isRefused(error)) return;
          const contested = error instanceof ServiceError && error.status === 409;
          if (!contested || attempt === MAX_CONFLICTS) throw error;
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

    async getRange(key, from, length) {
      const Range = `bytes=${from}-${from + length - 1}`;
      try {
        return (await call(gate, "s3", "GetObject", () => s3.getObject({ Bucket: BUCKET, Key: key, Range })))
          .Body;
      } catch (error) {
        if (error instanceof ServiceError && (error.code === "NoSuchKey" || error.status === 416))
          return undefined;
        throw error;
      }
    },

    async list(prefix) {
      const keys: string[] = [];
      let token: string | undefined;
      do {
        const page = await call(gate, "s3", "ListObjectsV2", () =>
          s3.listObjectsV2({ Bucket: BUCKET, Prefix: prefix, ContinuationToken: token }),
        );
        for (const { Key } of page.Contents) keys.push(Key);
        token = page.NextContinuationToken;
      } while (token !== undefined);
      return keys;
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
