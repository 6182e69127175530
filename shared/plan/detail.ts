import type { StageNode } from "../operators/stage.ts";

/** What an operator does, in a few words for a reader: `tumbling 1 h, late 25 h, early each 10 min`. */
export function detailOf(spec: StageNode["spec"]): string {
  switch (spec.kind) {
    case "window": {
      const { window, allowedLateness, trigger } = spec;
      const { early, accumulation } = trigger;
      return [
        window.kind === "session"
          ? `session ${spanOf(window.gap)}`
          : window.kind === "hopping"
            ? `hopping ${spanOf(window.size)} / ${spanOf(window.slide)}`
            : `tumbling ${spanOf(window.size)}`,
        ...(allowedLateness > 0 ? [`late ${spanOf(allowedLateness)}`] : []),
        ...(typeof early === "number" ? [`early each ${spanOf(early)}`] : []),
        ...(typeof early === "object" ? [`early each ${early.events} events`] : []),
        ...(accumulation === "discarding" ? [accumulation] : []),
      ].join(", ");
    }
    case "dedupe":
      return `within ${spanOf(spec.within)}`;
    case "keyBy":
      return typeof spec.by === "string" ? spec.by : "";
    case "sink":
      return `${spec.sink.kind} ${spec.sink.name}`;
    case "feed":
      return spec.stage;
    default:
      return "";
  }
}

const UNITS = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["min", 60_000],
  ["s", 1_000],
] as const;

function spanOf(ms: number): string {
  for (const [unit, length] of UNITS) if (ms >= length && ms % length === 0) return `${ms / length} ${unit}`;
  return `${ms} ms`;
}
