import type { JoinSpec } from "../operators/join-spec.ts";
import type { PaceSpec } from "../operators/pace/spec.ts";
import type { StageNode } from "../operators/stage.ts";
import type { AnyWindow } from "../operators/window.ts";
import { spanOf } from "./span.ts";

/** What an operator does, in a few words for a reader: `tumbling 1 h, late 25 h, early each 10 min`. */
export function detailOf(spec: StageNode["spec"]): string {
  switch (spec.kind) {
    case "window": {
      const { window, allowedLateness, trigger } = spec;
      const { early, accumulation } = trigger;
      return [
        windowDetail(window),
        ...(allowedLateness > 0 ? [`late ${spanOf(allowedLateness)}`] : []),
        ...(typeof early === "number" ? [`early each ${spanOf(early)}`] : []),
        ...(typeof early === "object" && "processingTime" in early
          ? [`early each ${spanOf(early.processingTime)} of processing time`]
          : []),
        ...(typeof early === "object" && "events" in early ? [`early each ${early.events} events`] : []),
        ...(typeof early === "object" && "when" in early ? ["early where told"] : []),
        ...(accumulation === "discarding" ? [accumulation] : []),
        ...(spec.spread === undefined ? [] : [`spread over ${spec.spread}`]),
      ].join(", ");
    }
    case "join":
      return [
        spec.join.type,
        joinDetail(spec.join),
        ...(spec.join.grace > 0 ? [`grace ${spanOf(spec.join.grace)}`] : []),
      ].join(", ");
    case "broadcast":
      return "latest control values";
    case "control":
      return "checks control values";
    case "process":
      return [
        ...Object.entries(spec.state).map(
          ([name, { kind, ttl, in: domain }]) =>
            `${kind} ${name}${ttl === undefined ? "" : ` for ${spanOf(ttl)}${domain === "processing-time" ? " of processing time" : ""}`}`,
        ),
        ...(spec.onTimer === undefined ? [] : ["timers"]),
        ...(spec.onProcessingTimer === undefined ? [] : ["timers of processing time"]),
      ].join(", ");
    case "lookup": {
      const { table, type, by, asOf } = spec.lookup;
      return [
        `${table.store} ${table.name}${table.format?.kind === "csv" ? " (csv)" : ""}`,
        ...(typeof by === "string" ? [`by ${by}`] : []),
        type,
        ...(table.version === undefined ? [] : [asOf === undefined ? "as of event time" : "as of a time"]),
        `refreshed each ${spanOf(table.refresh)}`,
      ].join(", ");
    }
    case "select":
      return spec.paths.join(", ");
    case "pace":
      return paceDetail(spec.pace);
    case "match":
      return [
        spec.pattern.steps
          .map((step) => (step.kind === "forbid" ? `not ${step.name}` : step.name))
          .join(" → "),
        `within ${spanOf(spec.pattern.within)}`,
      ].join(", ");
    case "dedupe":
      return [
        `within ${spanOf(spec.within)}`,
        ...(spec.approximate === undefined
          ? []
          : [`of ${spec.approximate.capacity} ids, ${spec.approximate.errorRate} wrong`]),
      ].join(", ");
    case "keyBy":
      return typeof spec.by === "string" ? spec.by : "";
    case "sink":
      return `${spec.sink.kind} ${spec.sink.name}${spec.priority === undefined || spec.priority === 0 ? "" : `, priority ${spec.priority}`}`;
    case "feed":
      return [
        spec.stage,
        ...(spec.combine === undefined ? [] : ["combined"]),
        ...(spec.salts === undefined ? [] : [`${spec.salts} to a key`]),
        ...(spec.priority === undefined ? [] : [`priority ${spec.priority}`]),
      ].join(", ");
    default:
      return "";
  }
}

function paceDetail(pace: PaceSpec): string {
  switch (pace.by) {
    case "throttle":
      return `throttle ${pace.most} per ${spanOf(pace.per)}`;
    case "debounce":
      return `debounce ${spanOf(pace.quiet)}`;
    case "sample":
      return `sample ${pace.take} of ${spanOf(pace.every)}`;
    case "batch":
      return `batch ${pace.size} within ${spanOf(pace.within)}`;
  }
}

function windowDetail(window: AnyWindow<unknown>): string {
  switch (window.kind) {
    case "session":
      return `session ${spanOf(window.gap)}`;
    case "hopping":
      return `hopping ${spanOf(window.size)} / ${spanOf(window.slide)}`;
    case "tumbling":
      return `tumbling ${spanOf(window.size)}`;
    case "cumulating":
      return `cumulating ${spanOf(window.size)} by ${spanOf(window.step)}`;
    case "global":
      return "global";
    case "custom":
      return `${window.merge ? "merging " : ""}windows ${window.name}`;
  }
}

function joinDetail(join: JoinSpec): string {
  switch (join.by) {
    case "window":
      return windowDetail(join.window);
    case "interval":
      return `from ${spanOf(join.from)} to ${typeof join.to === "number" ? spanOf(join.to) : "what the left row says"}`;
    case "key":
      return join.ttl === undefined ? "kept for ever" : `kept ${spanOf(join.ttl)}`;
    case "version":
      return join.ttl === undefined
        ? "as of event time"
        : `as of event time, versions hold ${spanOf(join.ttl)}`;
  }
}
