/** The public door: all that a pipeline may import. */
export { MillraceError } from "./errors/millrace-error.ts";
export type { EventInfo, FailedEvent, Key } from "./events/event.ts";
export { type Stream, type StreamOptions, stream } from "./events/stream.ts";
export { trusted } from "./events/trusted.ts";
export type { Aggregate } from "./operators/aggregate.ts";
export { avg, collect, count, first, last, max, min, type SumOptions, sum } from "./operators/aggregates.ts";
export { type ApproxQuantileOptions, approxQuantile } from "./operators/approx-quantile.ts";
export { type CountDistinctOptions, countDistinct } from "./operators/count-distinct.ts";
export { type CountMinOptions, type CountMinSketch, countMin, frequencyIn } from "./operators/count-min.ts";
export { type CustomAggregate, custom } from "./operators/custom.ts";
export {
  type ListState,
  listState,
  type MapState,
  mapState,
  type ProcessContext,
  type ValueState,
  valueState,
} from "./operators/process/spec.ts";
export { quantile } from "./operators/quantile.ts";
export { type TopEntry, type TopKOptions, topK } from "./operators/top-k.ts";
export type { Pane, Trigger } from "./operators/trigger.ts";
export {
  type CustomWindows,
  cumulating,
  customWindows,
  global,
  hopping,
  session,
  tumbling,
  type WindowSpec,
} from "./operators/window.ts";
export { type Application, application } from "./pipeline/application.ts";
export type { BroadcastOptions } from "./pipeline/broadcast.ts";
export type { Flow, KeyedFlow, ResultFlow, SpreadFlow, WindowResult } from "./pipeline/flow.ts";
export type { Pipeline } from "./pipeline/graph.ts";
export type { Joined, JoinedFlow, JoinOptions, LateRow, TemporalJoinOptions } from "./pipeline/join.ts";
export {
  dynamoTable,
  type Enriched,
  type LookupOptions,
  type LookupTable,
  s3File,
} from "./pipeline/lookup.ts";
export type {
  Batched,
  BatchOptions,
  DebounceOptions,
  PacedFlow,
  SampleOptions,
  ThrottledFlow,
  ThrottleOptions,
} from "./pipeline/pace.ts";
export {
  type Captured,
  type Match,
  type MatchFlow,
  type MatchOptions,
  type Pattern,
  type PatternBuilder,
  pattern,
  type StepBuilder,
} from "./pipeline/pattern.ts";
export { type PipelineBuilder, pipeline } from "./pipeline/pipeline.ts";
export type { ProcessOptions } from "./pipeline/process.ts";
export { lake, type Sink, type SinkOptions, view } from "./pipeline/sinks.ts";
export { dayOf, isoOf } from "./time/clock.ts";
export {
  type DurationMs,
  days,
  type EpochMs,
  epochMs,
  hours,
  milliseconds,
  minutes,
  type Span,
  seconds,
} from "./time/time.ts";
