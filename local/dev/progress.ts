import { BEGINNING_OF_TIME, type EpochMs } from "../../shared/time/time.ts";
import type { Cloud } from "../cloud.ts";
import type { FeedProgress } from "../feed/tally.ts";
import type { Deployment } from "./deployment.ts";
import { lastEntries } from "./last-entries.ts";
import type { Scope } from "./scope.ts";

/** How far a job has come. */
export type Progress = {
  /** Events that will be sent. */
  readonly input: number;
  readonly accepted: number;
  readonly rejected: number;
  /** Requests that were sent again. */
  readonly retries: number;
  /** Events that the slowest reader of the stream has committed; with a request sent again, some count twice. */
  readonly folded: number;
  /** Accepted and not yet committed by the slowest reader. */
  readonly behind: number;
  /** The lowest of the reading partitions that have had an event. */
  readonly watermark: EpochMs;
  /** Partitions, of all stages, whose input has ended. */
  readonly ended: number;
  readonly late: number;
  readonly failed: number;
  readonly duplicates: number;
  /** Windows that came to their end. */
  readonly windows: number;
  /** Windows and sessions that are held. */
  readonly open: number;
  readonly commits: number;
  /** Lambda processes that run now, and that were ever started or have ended. */
  readonly processes: number;
  readonly started: number;
  readonly killed: number;
  /** Records that a source gave up. */
  readonly discarded: number;
};

export type ObservedCloud = Pick<Cloud, "dynamodb" | "lambda" | "sources">;

/** Looks at the logs and the counters of a local cloud. */
export function observe(
  cloud: ObservedCloud,
  deployment: Deployment,
  scope: Scope,
  input: number,
  feed: FeedProgress,
): Progress {
  const partitions = lastEntries(cloud.dynamodb, deployment.logTable, scope.stages, deployment.epoch);
  const sum = (name: string, of = partitions): number =>
    of.reduce((total, { last }) => total + (last?.counts[name] ?? 0), 0);
  const byReader = scope.readers.map(({ id }) => partitions.filter(({ stage }) => stage === id));
  const folded = Math.min(...byReader.map((of) => sum("input", of)));
  const watermarks = byReader
    .flat()
    .flatMap(({ last }) => (last === undefined || last.counts["input"] === 0 ? [] : [last.watermark]));
  const { started, killed } = cloud.lambda.counters();
  return {
    input,
    accepted: feed.accepted,
    rejected: feed.rejected,
    retries: feed.retries,
    folded,
    behind: Math.max(0, feed.accepted - folded),
    watermark: watermarks.length === 0 ? BEGINNING_OF_TIME : (Math.min(...watermarks) as EpochMs),
    ended: partitions.filter(({ last }) => last?.watermark === Number.POSITIVE_INFINITY).length,
    late: sum("late"),
    failed: sum("failed"),
    duplicates: sum("duplicates"),
    windows: sum("windows"),
    open: sum("open"),
    commits: partitions.reduce((total, { last }) => total + (last?.v ?? 0), 0),
    processes: cloud.lambda.processes().length,
    started,
    killed,
    discarded: cloud.sources.reduce((total, source) => total + source.stats().discarded, 0),
  };
}
