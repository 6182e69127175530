import type { Application } from "../../shared/pipeline/application.ts";
import { planApplication } from "../../shared/plan/planner.ts";
import type { Clock } from "../../shared/time/clock.ts";
import { type DurationMs, milliseconds } from "../../shared/time/time.ts";
import type { Cloud } from "../cloud.ts";
import { postFeed } from "../feed/post-feed.ts";
import type { FeedProgress, FeedResult } from "../feed/tally.ts";
import { Random } from "../simulator/random.ts";
import { killProcesses, type Nuisance, reshard } from "./chaos.ts";
import { type Deployment, deploymentOf } from "./deployment.ts";
import { drain } from "./drain.ts";
import { endInput } from "./end-of-input.ts";
import { mirrorSinks } from "./mirror.ts";
import { paced } from "./pace.ts";
import { observe, type Progress } from "./progress.ts";
import type { SampleName } from "./sample-names.ts";
import { laneOf, SAMPLES } from "./samples.ts";
import { type Scope, scopeOf } from "./scope.ts";

export type JobOptions = {
  /** What runs in the cloud. */
  readonly application: Application;
  readonly sample: SampleName;
  /** Whether the input ends with the sample, so that every window closes. */
  readonly ends: boolean;
  /** Where the sinks are copied to. */
  readonly output: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Events at most. @default all */
  readonly limit?: number | undefined;
  /** Events per second at most. @default as fast as it goes */
  readonly rate?: number | undefined;
  /** Kill a Lambda process every so often. */
  readonly killEvery?: DurationMs | undefined;
  /** Split and merge the stream's shards meanwhile. */
  readonly reshard?: boolean;
  /** Of the faults. @default 1 */
  readonly seed?: number | undefined;
};

export type JobResult = {
  readonly input: number;
  readonly accepted: number;
  readonly late: number;
  readonly failed: number;
  readonly windows: number;
  /** Rows in each sink. */
  readonly sinks: Readonly<Record<string, number>>;
  /** From the first request until everything was committed and published. */
  readonly seconds: number;
  readonly eventsPerSecond: number;
  readonly commits: number;
  /** Processes that were started, those that were killed included. */
  readonly lambdaProcesses: number;
  readonly output: string;
  readonly rejected: number;
  /** Requests that were sent again: what had arrived before was counted twice by stages, and by no window. */
  readonly retries: number;
  /** Processes that ended before their time. */
  readonly killed: number;
  /** Calls that were refused for want of a right. */
  readonly refused: number;
  /** Events that were accepted and are in no stage's count, and records that a source gave up. */
  readonly lost: number;
};

/** A sample's way through a running local cloud. */
export class Job {
  readonly #cloud: Cloud;
  readonly #options: JobOptions;
  readonly #deployment: Deployment;
  readonly #scope: Scope;
  #input = 0;
  #feed: FeedProgress = { acknowledged: 0, accepted: 0, rejected: 0, batches: 0, retries: 0 };

  constructor(cloud: Cloud, options: JobOptions) {
    this.#cloud = cloud;
    this.#options = options;
    this.#deployment = deploymentOf(cloud);
    this.#scope = scopeOf(planApplication(options.application).plan, options.sample);
  }

  get scope(): Scope {
    return this.#scope;
  }

  progress(): Progress {
    return observe(this.#cloud, this.#deployment, this.#scope, this.#input, this.#feed);
  }

  /**
   * Feeds the sample, waits until all of it has come through, copies the sinks.
   * @throws MillraceError FEED_REFUSED, FEED_GAVE_UP, JOB_STALLED; the signal's reason once it fires
   */
  async run(): Promise<JobResult> {
    const { clock, sample, limit, output } = this.#options;
    const events = await SAMPLES[sample](limit);
    this.#input = events.length;
    const startedAt = clock.now();
    const nuisances = this.#nuisances();
    let fed: FeedResult;
    let end: Progress;
    try {
      fed = await this.#post(events);
      end = await this.#drain();
    } finally {
      for (const nuisance of nuisances) nuisance.stop();
    }
    const seconds = (clock.now() - startedAt) / 1_000;
    return {
      input: events.length,
      accepted: fed.accepted,
      late: end.late,
      failed: end.failed,
      windows: end.windows,
      sinks: await mirrorSinks(this.#cloud, this.#deployment, this.#scope.sinks, output),
      seconds,
      eventsPerSecond: Math.round(events.length / seconds),
      commits: end.commits,
      lambdaProcesses: end.started,
      output,
      rejected: fed.rejected,
      retries: fed.retries,
      killed: end.killed,
      refused: this.#cloud.iam.refused,
      lost: Math.max(0, fed.accepted - end.folded) + end.discarded,
    };
  }

  #post(events: readonly object[]): Promise<FeedResult> {
    const { application, sample, rate, clock, signal } = this.#options;
    const stream = application.streams.find(({ id }) => id === sample);
    return postFeed({
      url: this.#cloud.apiUrl("/").slice(0, -1),
      stream: sample,
      events: rate === undefined ? events : paced(events, rate, clock, signal),
      lane: stream === undefined ? () => 0 : laneOf(stream),
      signal,
      onProgress: (progress) => {
        this.#feed = progress;
      },
    });
  }

  #drain(): Promise<Progress> {
    const { ends, clock, signal } = this.#options;
    const { stream, stages, partitions } = this.#scope;
    if (ends) {
      const name = this.#deployment.streamName(stream);
      endInput(this.#cloud.kinesis, { id: stream, name, partitions }, clock);
    }
    const all = stages.reduce((sum, stage) => sum + stage.partitions, 0);
    return drain({
      look: () => this.progress(),
      sources: this.#cloud.sources,
      done: ({ ended, behind }) => (ends ? ended === all : behind === 0),
      clock,
      signal,
    });
  }

  #nuisances(): Nuisance[] {
    const { killEvery, seed = 1 } = this.#options;
    const { kinesis, lambda } = this.#cloud;
    const stream = this.#deployment.streamName(this.#scope.stream);
    return [
      ...(killEvery === undefined ? [] : [killProcesses(lambda, killEvery, new Random(seed))]),
      ...(this.#options.reshard ? [reshard(kinesis, stream, RESHARD_EVERY, new Random(seed + 1))] : []),
    ];
  }
}

const RESHARD_EVERY = milliseconds(500);
