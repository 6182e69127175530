import { type Backoff, fullBackoff } from "./backoff.ts";
import type { Batch } from "./batch.ts";
import { Lane } from "./lane.ts";
import { type PostOptions, postBatch } from "./post-batch.ts";
import { type FeedProgress, type FeedResult, Tally } from "./tally.ts";

export type FeedOptions<T> = {
  /** Where ingest answers, without a path: `http://127.0.0.1:4000`. */
  readonly url: string;
  /** The stream's name. */
  readonly stream: string;
  /** Events in the order in which they happen, each with an id of its own. */
  readonly events: Iterable<T> | AsyncIterable<T>;
  /**
   * Events of one lane arrive in order: its next request leaves once the one before was acknowledged.
   * Lanes overtake one another by up to `ahead + 2` batches, so events whose mutual order matters
   * (of one key; of one partition, whose watermark they share) belong into one lane.
   */
  readonly lane: (event: T) => string | number;
  /** Events per request. @default 3000 */
  readonly batchSize?: number;
  /** Bytes per request before compression; ingest takes 5 MB. @default 1 MB */
  readonly batchBytes?: number;
  /** Batches that a lane may have waiting behind the one on its way. @default 1 */
  readonly ahead?: number;
  /** Sent with each request: the key of a deployed API, for example. @default none */
  readonly headers?: Readonly<Record<string, string>>;
  /** Costs the feed more time than it saves on a loopback. @default false */
  readonly gzip?: boolean;
  readonly backoff?: Backoff;
  /** Ends the feed early: requests on their way are abandoned and the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Called after each acknowledged batch and before each repeated request, with the totals so far. */
  readonly onProgress?: (progress: FeedProgress) => void;
};

/**
 * Posts events to `POST <url>/v1/streams/<stream>/events` as NDJSON, lanes side by side, order kept in each.
 * The first batch that fails for good ends the whole feed.
 * @throws MillraceError FEED_REFUSED, FEED_GAVE_UP (see postBatch)
 */
export async function postFeed<T>(options: FeedOptions<T>): Promise<FeedResult> {
  const { batchSize = 3_000, batchBytes = 1_000_000, ahead = 1 } = options;
  const failure = new AbortController();
  const signal =
    options.signal === undefined ? failure.signal : AbortSignal.any([failure.signal, options.signal]);
  const tally = new Tally(options.onProgress);
  const posting: PostOptions = {
    endpoint: `${options.url}/v1/streams/${encodeURIComponent(options.stream)}/events`,
    headers: options.headers ?? {},
    gzip: options.gzip ?? false,
    backoff: fullBackoff(options.backoff),
    signal,
    onRetry: () => tally.retried(),
  };
  const post = async (batch: Batch): Promise<void> => {
    if (signal.aborted) return;
    try {
      tally.acknowledged(batch, await postBatch(batch, posting));
    } catch (thrown) {
      failure.abort(thrown);
    }
  };

  const lanes = new Map<string | number, Lane>();
  const laneOf = (name: string | number): Lane => {
    const known = lanes.get(name);
    if (known !== undefined) return known;
    const lane = new Lane({ maxEvents: batchSize, maxBytes: batchBytes }, ahead, post);
    lanes.set(name, lane);
    return lane;
  };
  try {
    for await (const event of options.events) {
      const room = laneOf(options.lane(event)).add(event);
      if (room !== undefined) await room;
      if (signal.aborted) break;
    }
  } catch (thrown) {
    failure.abort(thrown);
  }
  await Promise.all([...lanes.values()].map((lane) => lane.finish()));
  signal.throwIfAborted();
  return tally.result();
}
