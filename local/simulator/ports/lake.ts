import { lakeKey } from "../../../functions/aws/lake.ts";
import type { Blobs, Lake } from "../../../shared/protocol/ports.ts";
import { encodeValue } from "../../../shared/state/codec.ts";

/**
 * Lake tables as objects under the very keys of their Parquet files. They hold the rows as text of the value codec, so
 * that what is read back is exactly what was written.
 */
export function simulatedLake(blobs: Blobs): Lake {
  return {
    async write(files) {
      await Promise.all(
        files
          .filter(({ rows }) => rows.length > 0)
          .map((file) => blobs.put(lakeKey(file), new TextEncoder().encode(encodeValue(file.rows)))),
      );
    },
  };
}
