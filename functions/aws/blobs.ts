import {
  DeleteObjectsCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import { MillraceError } from "../../shared/errors/millrace-error.ts";
import type { Blobs } from "../../shared/protocol/ports.ts";
import { backOff } from "./backoff.ts";
import { codeOf, statusOf } from "./service-errors.ts";

/** Writers of one key write the same bytes, so that a conflict ends with the first of them. */
const MAX_CONFLICTS = 5;
const KEYS_PER_DELETE = 1_000;

/** Immutable objects in one S3 bucket. */
export function s3Blobs(options: { readonly client: S3Client; readonly bucket: string }): Blobs {
  const { client, bucket: Bucket } = options;

  /** True once the object is there, false where another writer is at it: ask again. */
  async function putOnce(Key: string, Body: Uint8Array): Promise<boolean> {
    try {
      await client.send(new PutObjectCommand({ Bucket, Key, Body, IfNoneMatch: "*" }));
      return true;
    } catch (error) {
      if (statusOf(error) === 412) return true;
      if (statusOf(error) === 409) return false;
      throw error;
    }
  }

  return {
    async put(key, bytes) {
      for (let attempt = 1; !(await putOnce(key, bytes)); attempt++) {
        if (attempt === MAX_CONFLICTS)
          throw new MillraceError(
            "BLOB_CONTESTED",
            `"${key}" was being written by another ${attempt} times`,
            {
              next: "retried",
            },
          );
        await backOff(attempt);
      }
    },

    async get(key) {
      try {
        const { Body } = await client.send(new GetObjectCommand({ Bucket, Key: key }));
        return Body?.transformToByteArray();
      } catch (error) {
        if (codeOf(error) === "NoSuchKey") return undefined;
        throw error;
      }
    },

    async getRange(key, from, length) {
      try {
        const Range = `bytes=${from}-${from + length - 1}`;
        const { Body } = await client.send(new GetObjectCommand({ Bucket, Key: key, Range }));
        return Body?.transformToByteArray();
      } catch (error) {
        if (codeOf(error) === "NoSuchKey" || statusOf(error) === 416) return undefined;
        throw error;
      }
    },

    async list(prefix) {
      const keys: string[] = [];
      let token: string | undefined;
      do {
        const page = await client.send(
          new ListObjectsV2Command({
            Bucket,
            Prefix: prefix,
            ...(token === undefined ? {} : { ContinuationToken: token }),
          }),
        );
        for (const { Key } of page.Contents ?? []) if (Key !== undefined) keys.push(Key);
        token = page.NextContinuationToken;
      } while (token !== undefined);
      return keys;
    },

    async remove(keys) {
      for (let i = 0; i < keys.length; i += KEYS_PER_DELETE) {
        const Objects = keys.slice(i, i + KEYS_PER_DELETE).map((Key) => ({ Key }));
        const { Errors = [] } = await client.send(
          new DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet: true } }),
        );
        const [first] = Errors;
        if (first !== undefined)
          throw new MillraceError(
            "BLOB_NOT_DELETED",
            `${Errors.length} objects were not deleted, "${first.Key}" first: ${first.Code} ${first.Message}`,
            { next: "retried" },
          );
      }
    },
  };
}
