import { collect, type DurationMs, milliseconds as ms, tumbling } from "../../shared/index.ts";
import type { Stage } from "../../shared/operators/stage.ts";
import { type Reading, sourceStage } from "../operators/one-stage.ts";
import { type Given, type Input, Runner, rowsTo } from "../operators/runner.ts";
import type { Case } from "./case.ts";
import { contentsText } from "./systems.ts";
import { type Token, tokensOf } from "./tokens.ts";

/** What Millrace gives for a case, in the words of the cases: each place's results in turn. */
export function givenFor(row: Case): string[] {
  const tokens = tokensOf(row.in);
  const runner = new Runner(stageOf(row, tokens));
  return tokens.flatMap((token) => {
    const given = runner.batch([inputOf(token)], token.at);
    return [...rowsTo("late", given).map(lateText), ...panesOf(given)].map((text) => `${token.at}> ${text}`);
  });
}

/** The results of the first window, where there are two, before those of the second. */
const panesOf = (given: Given): string[] => [
  ...rowsTo("out", given).map((row) => paneText(row as Pane)),
  ...rowsTo("passed", given).map((row) => `pass ${(row as Reading).id}`),
  ...rowsTo("behind", given).map((row) => `then ${paneText(row as Pane)}`),
  ...rowsTo("behind_late", given).map((row) => `then late (${(row as Pane).ids.join("+")})`),
];

function stageOf(row: Case, tokens: readonly Token[]): Stage {
  const { early, discarding, lateness = 0, outOfOrder = 0 } = row;
  const trigger = {
    ...(early === undefined ? {} : { early: typeof early === "number" ? ms(early) : early }),
    ...(discarding === true ? { accumulation: "discarding" as const } : {}),
  };
  const stage = sourceStage(
    (readings) => {
      if (row.dedupe !== undefined)
        return { passed: readings.dedupe({ id: "once", by: "n", within: row.dedupe as DurationMs }) };
      const out = readings
        .keyBy("k")
        .window(row.window ?? tumbling(ms(10)), { id: "w", allowedLateness: ms(lateness), trigger })
        .aggregate({ ids: collect(100, "id") });
      if (row.behind === undefined) return { out, late: out.late };
      const behind = out
        .window(row.behind, { id: "behind" })
        .aggregate({ ids: collect(100, (r) => `(${r.ids.join("+")})`) });
      return { out, late: out.late, behind, behind_late: behind.late };
    },
    { outOfOrder, ...(row.idle === undefined ? {} : { idle: row.idle }) },
  );
  const upstreams = ["x", "y"].map((name) => ({ stage: name, partitions: 1 }));
  return tokens.some((token) => "channel" in token && token.channel !== undefined)
    ? { ...stage, input: { kind: "internal", upstreams } }
    : stage;
}

function inputOf(token: Token): Input {
  switch (token.kind) {
    case "event": {
      const event = { id: String(token.at), k: token.key, t: token.time, n: token.value };
      return token.channel === undefined
        ? { kind: "event", event }
        : { kind: "row", channel: `${token.channel}/0`, row: event };
    }
    case "watermark":
      return { kind: "watermark", channel: `${token.channel}/0`, at: token.time };
    case "tick":
      return { kind: "tick", at: token.time };
    case "end":
      return { kind: "end" };
  }
}

type Pane = {
  readonly key: string;
  readonly window: { readonly start: number; readonly end: number };
  readonly pane: { readonly index: number; readonly timing: string };
  readonly ids: readonly string[];
};

function paneText({ key, window, pane, ids }: Pane): string {
  const content = ids.join(ids[0]?.startsWith("(") ? "," : "+");
  const timing = pane.timing === "on-time" ? "" : ` ${pane.timing}`;
  const index = pane.index === 0 ? "" : ` #${pane.index}`;
  return `${key}[${window.start},${window.end})=${content}${timing}${index}`;
}

const lateText = (row: unknown): string => `late ${(row as Reading).id}`;

/** What the windows of a case hold in the end, in the words of `contentsBy`. */
export function contentsOf(row: Case): string {
  const windows = new Map<string, { key: string; start: number; end: number; ids: number[] }>();
  const late: number[] = [];
  for (const text of givenFor(row)) {
    const [, lateId] = /> late (\d+)$/.exec(text) ?? [];
    if (lateId !== undefined) late.push(Number(lateId));
    const [, key = "", start, end, ids = "", timing] =
      /> ([a-z])\[(-?\d+),(-?\d+)\)=([\d+]*)(?: (early|late|retracted))?/.exec(text) ?? [];
    if (start === undefined) continue;
    const before = windows.get(`${key}${start}`)?.ids ?? [];
    windows.delete(`${key}${start}`);
    if (timing === "retracted") continue;
    const held = ids.split("+").map(Number);
    const all = row.discarding === true ? [...before, ...held] : held;
    windows.set(`${key}${start}`, { key, start: Number(start), end: Number(end), ids: all });
  }
  return contentsText([...windows.values()], late, row.window?.kind === "session");
}
