import { expect, test } from "vitest";
import { zstd } from "../../functions/aws/zstd.ts";
import { encodeFrame } from "../../shared/frames/encode.ts";
import { application, lake, pipeline } from "../../shared/index.ts";
import type { Stage } from "../../shared/operators/stage.ts";
import { planApplication } from "../../shared/plan/planner.ts";
import type { InRecord } from "../../shared/protocol/record.ts";
import { StageLoop } from "../../shared/protocol/stage-loop.ts";
import { epochMs } from "../../shared/time/time.ts";
import { type Reading, readingsOf } from "../operators/one-stage.ts";
import { inMemory } from "./in-memory.ts";

/** The stage of a table whose folders are named by this version of the code. */
function tableBy(folder: (row: Reading) => string): Stage {
  const readings = readingsOf();
  const built = pipeline("p", (p) =>
    p.from(readings).to(lake("all", { partitionBy: (row) => ({ folder: folder(row as Reading) }) })),
  );
  const { stages } = planApplication(application("app", { streams: [readings], pipelines: [built] }));
  return stages.get("p.lake-all") as Stage;
}

const row = (n: number): Reading => ({ id: `e${n}`, k: "a", t: n, n });
const rowsAt = (counter: number, ...rows: readonly Reading[]): InRecord => ({
  shard: "shard-0",
  sequence: String(counter),
  partitionKey: "0",
  arrivedAt: epochMs(1_000),
  data: encodeFrame(
    {
      kind: "rows",
      stage: "p.readings",
      from: 0,
      to: 0,
      counter,
      watermark: epochMs(0),
      sentAt: epochMs(1_000),
      rows: rows.map((one) => [0, one.k, epochMs(one.t), one]),
    },
    zstd,
  ),
});

test("a committed row keeps its folder, although the version that writes it again would name another", async () => {
  const env = inMemory();
  let broken = true;
  const failing = {
    ...env,
    lake: {
      write: async (...given: Parameters<typeof env.lake.write>) => {
        await env.lake.write(...given);
        if (broken) throw new Error("written, and the answer lost");
      },
    },
  };
  const first = rowsAt(1, row(1), row(2), row(3));
  await new StageLoop(
    tableBy(({ n }) => (n % 2 ? "odd" : "even")),
    failing,
  ).run([first]);
  const written = [...env.files];
  expect(written.map(({ partition, rows }) => [partition, rows])).toEqual([
    [{ folder: "odd" }, [row(1), row(3)]],
    [{ folder: "even" }, [row(2)]],
  ]);

  broken = false;
  const upgraded = new StageLoop(
    tableBy(() => "new"),
    failing,
  );
  expect(await upgraded.run([first, rowsAt(2, row(4))])).toEqual({ firstFailed: undefined, causes: [] });
  expect(env.files.slice(2)).toEqual([...written, expect.objectContaining({ partition: { folder: "new" } })]);
});
