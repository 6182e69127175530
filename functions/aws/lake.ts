import type { Column } from "../../shared/events/column.ts";
import { encodeParquet } from "../../shared/lake/parquet.ts";
import type { Blobs, Lake, LakeWrite } from "../../shared/protocol/ports.ts";
import { bounded } from "./bounded.ts";
import { zstd } from "./zstd.ts";

export type LakeOptions = {
  readonly blobs: Blobs;
  /** Columns of a sink. @default inferred from each file's rows */
  readonly columnsOf?: (sink: string) => readonly Column[] | undefined;
};

/** Files are held in memory while they are written. */
const PARALLEL_FILES = 4;

/** Writes Parquet files, Zstandard inside, under Hive-style keys. A file without rows is not written. */
export function parquetLake({ blobs, columnsOf }: LakeOptions): Lake {
  return {
    async write(files) {
      const withRows = files.filter(({ rows }) => rows.length > 0);
      await bounded(withRows, PARALLEL_FILES, (file) =>
        blobs.put(
          lakeKey(file),
          encodeParquet(file.rows, { sink: file.sink, columns: columnsOf?.(file.sink), zstd: zstd.compress }),
        ),
      );
    },
  };
}

/** `lake/<sink>/<column>=<value>/…/<name>.parquet`; values URI-encoded, as readers of Hive partitions decode them. */
export function lakeKey({ sink, partition, name }: Omit<LakeWrite, "rows">): string {
  const folders = Object.entries(partition).map(
    ([column, value]) =>
      `${encodeURIComponent(column)}=${value === "" ? NULL_PARTITION : encodeURIComponent(value)}`,
  );
  return ["lake", sink, ...folders, `${name}.parquet`].join("/");
}

/** How Hive writes the partition of an empty value: no folder name can be empty. */
const NULL_PARTITION = "__HIVE_DEFAULT_PARTITION__";
