import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { GetObjectCommand, paginateListObjectsV2, type S3Client } from "@aws-sdk/client-s3";

/** Hands `use` a pattern of all Parquet files of a lake table, for DuckDB. */
export async function withLakeTable<R>(
  client: S3Client,
  Bucket: string,
  table: string,
  use: (files: string) => Promise<R>,
): Promise<R> {
  const folder = await mkdtemp(join(tmpdir(), "millrace-lake-"));
  try {
    const Prefix = `lake/${table}/`;
    for await (const { Contents = [] } of paginateListObjectsV2({ client }, { Bucket, Prefix }))
      for (const { Key = "" } of Contents) {
        const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }));
        await mkdir(dirname(join(folder, Key)), { recursive: true });
        await writeFile(join(folder, Key), (await Body?.transformToByteArray()) ?? "");
      }
    return await use(join(folder, Prefix, "**", "*.parquet"));
  } finally {
    await rm(folder, { recursive: true });
  }
}
