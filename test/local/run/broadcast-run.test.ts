import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { runBounded } from "../../../local/run/bounded-run.ts";
import { application, lake, pipeline, stream, trusted } from "../../../shared/index.ts";
import { settableClock } from "../../protocol/conformance/settable-clock.ts";

type Reading = { readonly id: string; readonly k: string };
type Word = { readonly name: string; readonly says: string; readonly from: string };

const readings = stream("readings", { schema: trusted<Reading>(), key: "k", partitions: 4 });
const words = stream("words", { schema: trusted<Word>(), key: "from", partitions: 2 });

const heard = pipeline("heard", (p) => {
  p.from(readings)
    .withBroadcast(p.from(words).keyBy("name"), {
      id: "heard-words",
      onEvent: ({ id }, latest) => [
        { id, words: [...latest].map(([name, { says }]) => `${name}=${says}`).join() },
      ],
    })
    .to(lake("rows"));
});

test("a bounded run lets every partition hear what its control's file says, where that is read first", async () => {
  const folder = mkdtempSync(join(tmpdir(), "millrace-run-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = (name: string, lines: readonly unknown[]): [string, string] => {
    const path = join(folder, `${name}.jsonl`);
    writeFileSync(path, lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
    return [name, path];
  };
  const said = ["a", "b", "a"].map((name, i) => ({ name, says: `${i}`, from: `${i}` }));
  const events = Array.from({ length: 20 }, (_, i) => ({ id: `e${i}`, k: `k${i}` }));
  const stats = await runBounded({
    application: application("run", { streams: [readings, words], pipelines: [heard] }),
    inputs: new Map([file("words", said), file("readings", events)]),
    output: folder,
    clock: settableClock(),
  });
  expect(stats).toMatchObject({ failed: 0, sinks: { rows: 20 } });
  const rows = readFileSync(join(folder, "rows.jsonl"), "utf8").trim().split("\n");
  expect(new Set(rows.map((row) => JSON.parse(row).words))).toEqual(new Set(["a=2,b=1"]));
});
