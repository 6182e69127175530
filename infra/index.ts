/** What a CDK app may import: the stack as a whole, or the constructs that it is made of. */
export { Api, type ApiOptions, type ApiProps } from "./constructs/api.ts";
export { type BuiltFile, buildHandler, buildHandlers } from "./constructs/build-handler.ts";
export { Bundle, type BundleProps } from "./constructs/bundle.ts";
export {
  BundledFunction,
  type BundledFunctionProps,
  type Surroundings,
} from "./constructs/bundled-function.ts";
export { Bundles, type HandlerName } from "./constructs/bundles.ts";
export { Clock, type ClockProps } from "./constructs/clock.ts";
export { type EventTimeLimits, Ingest, type IngestOptions, type IngestProps } from "./constructs/ingest.ts";
export { Lake, type LakeOptions, type LakeProps } from "./constructs/lake.ts";
export type { LookupSource, LookupsProps } from "./constructs/lookups.ts";
export { Monitoring, type MonitoringOptions, type MonitoringProps } from "./constructs/monitoring.ts";
export { Query, type QueryProps } from "./constructs/query.ts";
export { Stage, type StageOptions, type StageProps } from "./constructs/stage.ts";
export { Storage, type StorageProps } from "./constructs/storage.ts";
export { StreamReader, type StreamReaderProps } from "./constructs/stream-reader.ts";
export { type Shards, Streams, type StreamsProps } from "./constructs/streams.ts";
export { MillraceStack, type MillraceStackProps } from "./stacks/millrace-stack.ts";
