import { readdirSync, readFileSync } from "node:fs";
import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { zstd } from "../../functions/aws/zstd.ts";
import type { Compression } from "../../shared/frames/compression.ts";
import {
  decodeSnapshot,
  encodeSnapshot,
  type Snapshot,
  snapshotKey,
} from "../../shared/protocol/snapshot.ts";
import type { Change } from "../../shared/state/change.ts";
import { goldenSnapshots } from "./golden-state.ts";

const none: Compression = { compress: (bytes) => bytes, decompress: (bytes) => bytes };
const golden = (name: string): Uint8Array =>
  readFileSync(new URL(`../golden/snapshots/${name}`, import.meta.url));
const head = goldenSnapshots["empty.mrs1"] as Snapshot;

const anyChange = fc.tuple(
  fc.constantFrom("w", "s"),
  fc.constantFrom("put", "drop"),
  fc.oneof(fc.string(), fc.integer()),
  fc.oneof(fc.jsonValue(), fc.bigInt(), fc.constant(undefined)),
  fc.nat({ max: 30_000 }).map((length) => "x".repeat(length)),
);

describe("a snapshot", () => {
  test.prop([fc.array(anyChange, { maxLength: 12 })], { numRuns: 50 })(
    "reads back as it was written, in blocks of any number",
    (changes) => {
      const snapshot = { ...head, changes: changes as Change[] };
      expect(decodeSnapshot(encodeSnapshot(snapshot, zstd), zstd)).toStrictEqual(snapshot);
    },
  );

  test("is written from changes as they come, and shares none of them", () => {
    function* changes(): Generator<Change> {
      for (let i = 0; i < 3_000; i += 1) yield ["w", "put", i, "k".repeat(40), [i], 0, 1];
    }
    const bytes = encodeSnapshot({ ...head, changes: changes() }, zstd);
    expect(bytes.length).toBeLessThan(60_000);
    expect(decodeSnapshot(bytes, zstd).changes).toStrictEqual([...changes()]);
  });

  test.each([["MRS2 and more"], ["{}"], [""], ["MRS1"]])(
    "of another version or kind is refused: %s",
    (text) => {
      expect(() => decodeSnapshot(new TextEncoder().encode(text), none)).toThrow(
        expect.objectContaining({
          code: "SNAPSHOT_UNKNOWN",
          next: "retried",
          message: `a snapshot that begins with ${JSON.stringify(text.slice(0, 4))}`,
        }),
      );
    },
  );

  test("has a key that sorts by version and is nobody else's", () => {
    const id = { stage: "p.w", partition: 3, epoch: 0 };
    expect(snapshotKey(id, 12, "n1")).toBe("snapshots/p.w/0/3/000000000012-n1");
  });
});

describe("golden snapshots", () => {
  test.each(Object.keys(goldenSnapshots))("%s is read and written as ever", (name) => {
    const snapshot = goldenSnapshots[name] as Snapshot;
    expect(decodeSnapshot(golden(name), none)).toStrictEqual(snapshot);
    expect(Buffer.from(encodeSnapshot(snapshot, none))).toEqual(golden(name));
  });

  test("full-zstd.mrs1, as zstd packed it, is read as ever", () => {
    expect(decodeSnapshot(golden("full-zstd.mrs1"), zstd)).toStrictEqual(goldenSnapshots["full.mrs1"]);
  });

  test("every file has its snapshot", () => {
    expect(readdirSync(new URL("../golden/snapshots/", import.meta.url)).sort()).toEqual(
      [...Object.keys(goldenSnapshots), "full-zstd.mrs1"].sort(),
    );
  });
});
