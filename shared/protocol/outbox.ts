import { MillraceError } from "../errors/millrace-error.ts";
import type { Compression } from "../frames/compression.ts";
import { encodeFrame } from "../frames/encode.ts";
import { MAX_FRAME_BYTES } from "../frames/format.ts";
import type { RowsFrame, WireRow } from "../frames/frame.ts";
import { createPartitioner } from "../frames/partitioner.ts";
import { encodeFrames } from "../frames/split.ts";
import { Combiner } from "../operators/combine/combiner.ts";
import type { FeedRow } from "../operators/outputs.ts";
import type { FeedSpec, Stage } from "../operators/stage.ts";
import type { TimeState } from "../operators/time-state.ts";
import { appendTo } from "../state/lists.ts";
import { BEGINNING_OF_TIME, END_OF_TIME, type EpochMs, seconds } from "../time/time.ts";
import type { Channel, EntryFrame } from "./channel.ts";
import type { OutRecord, PartitionId } from "./ports.ts";

/** A channel without a frame for this long, by the times in the input, gets an empty one. */
const QUIET_MS = seconds(2);

/** What a commit sends: the frames for its entry, and the same frames ready for the streams. */
export type Parcel = {
  readonly frames: readonly EntryFrame[];
  readonly channels: readonly Channel[];
  readonly records: ReadonlyMap<string, readonly OutRecord[]>;
  /** A channel has not been told of the present watermark. */
  readonly owes: boolean;
};

/** How much larger a row's frame may come out than the one it is tried in, since compression has its moods. */
const SLACK_BYTES = 1_000;

type Feed = {
  readonly stage: string;
  readonly partitions: number;
  /** Rows go to one partition of the sender's own, not by key. */
  readonly spread: boolean;
  /** Edges whose rows go to every partition. */
  readonly toAll: ReadonlySet<number>;
  /** Only such rows: nobody waits for the watermark of these channels. */
  readonly control: boolean;
  readonly combine: FeedSpec["combine"] | undefined;
  readonly salts: FeedSpec["salts"] | undefined;
};

/** Turns the rows of a commit into frames, one channel at a time, with dense counters. */
export class Outbox {
  readonly #stage: Stage;
  readonly #partition: number;
  readonly #epoch: number;
  readonly #compression: Compression;
  readonly #feeds: readonly Feed[];
  readonly #partitioners = new Map<string, (key: string | number) => number>();
  readonly #combiners = new Map<string, Combiner>();

  constructor(stage: Stage, id: Pick<PartitionId, "partition" | "epoch">, compression: Compression) {
    const { partition } = id;
    this.#stage = stage;
    this.#partition = partition;
    this.#epoch = id.epoch;
    this.#compression = compression;
    this.#feeds = feedsOf(stage);
    for (const { stage, partitions, spread, combine } of this.#feeds) {
      this.#partitioners.set(stage, spread ? () => partition % partitions : createPartitioner(partitions));
      if (combine !== undefined) this.#combiners.set(stage, new Combiner(combine));
    }
  }

  /**
   * @param v - the version of the commit's entry
   * @param rows - by the stage that takes them, in the order in which they were given
   * @param tooLarge - takes each row that fits no record; it is not sent
   */
  pack(
    v: number,
    rows: ReadonlyMap<string, readonly FeedRow[]>,
    before: readonly Channel[],
    time: TimeState,
    tooLarge: (row: FeedRow, thrown: unknown) => void,
  ): Parcel {
    const channels = new Map(before.map((channel) => [nameOf(channel[0], channel[1]), channel]));
    const frames: EntryFrame[] = [];
    const records = new Map<string, OutRecord[]>();
    let owes = false;
    const told = new Set<FeedRow>();
    const refuse = (row: FeedRow, thrown: unknown): void => {
      // a row for every partition fails once
      if (!told.has(row)) tooLarge(row, thrown);
      told.add(row);
    };
    for (const feed of this.#feeds) {
      const byPartition = this.#sort(feed, v, rows);
      const reached = feed.spread ? [this.#partition % feed.partitions] : range(feed.partitions);
      for (const to of reached) {
        const name = nameOf(feed.stage, to);
        const channel = channels.get(name) ?? [feed.stage, to, 0, BEGINNING_OF_TIME, BEGINNING_OF_TIME];
        const given = byPartition.get(to) ?? [];
        const batch = this.#combiners.get(feed.stage)?.combined(given, channel[3]) ?? given;
        if (batch.length === 0 && (feed.control || !isDue(channel, time))) {
          owes ||= !feed.control && time.watermark > channel[3];
          continue;
        }
        const sent = this.#send(feed, channel, batch, time, refuse);
        channels.set(name, sent.channel);
        frames.push(...sent.frames);
        for (const record of sent.records) appendTo(records, feed.stage, record);
      }
    }
    return { frames, channels: [...channels.values()], records, owes };
  }

  /** The records of frames that an entry holds: byte for byte what `pack` made of them. */
  unpack(frames: readonly EntryFrame[], sentAt: EpochMs): Map<string, OutRecord[]> {
    const records = new Map<string, OutRecord[]>();
    for (const [stage, to, counter, watermark, rows] of frames) {
      const partitions = this.#feeds.find((feed) => feed.stage === stage)?.partitions ?? 1;
      const data = encodeFrame(this.#frame(to, counter, watermark, sentAt, rows), this.#compression);
      appendTo(records, stage, { partition: to, partitions, data });
    }
    return records;
  }

  #sort(feed: Feed, v: number, rows: ReadonlyMap<string, readonly FeedRow[]>): Map<number, FeedRow[]> {
    const partitionOf = this.#partitioners.get(feed.stage) ?? (() => 0);
    const { partitions, salts } = feed;
    const turn = salts === undefined ? 0 : turnOf(this.#partition + v, salts, partitions);
    const sorted = new Map<number, FeedRow[]>();
    for (const row of rows.get(feed.stage) ?? []) {
      if (feed.toAll.has(row[0])) for (const to of range(partitions)) appendTo(sorted, to, row);
      else appendTo(sorted, (partitionOf(row[1]) + turn) % partitions, row);
    }
    return sorted;
  }

  /** Rows of a commit may be behind its watermark, so only the last of several frames carries it. */
  #send(
    feed: Feed,
    channel: Channel,
    batch: readonly FeedRow[],
    time: TimeState,
    tooLarge: (row: FeedRow, thrown: unknown) => void,
  ): { channel: Channel; frames: EntryFrame[]; records: OutRecord[] } {
    const [stage, to, counter, told] = channel;
    const frames: EntryFrame[] = [];
    const frameOf = (rows: readonly WireRow[], index: number, last: boolean): RowsFrame => {
      const watermark = last ? time.watermark : told;
      frames[index] = [stage, to, counter + index + 1, watermark, rows];
      return this.#frame(to, counter + index + 1, watermark, time.processingTime, rows);
    };
    let encoded: readonly Uint8Array[];
    try {
      encoded = encodeFrames(batch, frameOf, this.#compression);
    } catch (thrown) {
      if (!(thrown instanceof MillraceError) || thrown.code !== "FRAME_TOO_LARGE") throw thrown;
      return this.#send(feed, channel, this.#fitting(batch, tooLarge), time, tooLarge);
    }
    return {
      channel: [stage, to, counter + encoded.length, time.watermark, time.processingTime],
      frames,
      records: encoded.map((data) => ({ partition: to, partitions: feed.partitions, data })),
    };
  }

  #fitting(batch: readonly FeedRow[], tooLarge: (row: FeedRow, thrown: unknown) => void): FeedRow[] {
    return batch.filter((row) => {
      try {
        const most = Number.MAX_SAFE_INTEGER;
        const alone = this.#frame(most, most, BEGINNING_OF_TIME, most as EpochMs, [row]);
        const { length } = encodeFrame(alone, this.#compression);
        if (length <= MAX_FRAME_BYTES - SLACK_BYTES) return true;
        throw new MillraceError("FRAME_TOO_LARGE", `a row of ${length} bytes does not fit a record`, {
          next: "dead-lettered",
        });
      } catch (thrown) {
        tooLarge(row, thrown);
        return false;
      }
    });
  }

  #frame(
    to: number,
    counter: number,
    watermark: EpochMs,
    sentAt: EpochMs,
    rows: readonly WireRow[],
  ): RowsFrame {
    return {
      kind: "rows",
      stage: this.#stage.id,
      from: this.#partition,
      to,
      ...(this.#epoch === 0 ? {} : { epoch: this.#epoch }),
      counter,
      watermark,
      sentAt,
      rows,
    };
  }
}

/** By the stage that is fed: all that it is sent goes by one channel to each partition. */
function feedsOf({ nodes }: Stage): Feed[] {
  const specs = nodes.flatMap(({ spec }) => (spec.kind === "feed" ? [spec] : []));
  return [...Map.groupBy(specs, ({ stage }) => stage)].map(([stage, to]) => ({
    stage,
    partitions: to[0]?.partitions ?? 1,
    spread: to.some(({ reach }) => reach === "own"),
    toAll: new Set(to.flatMap(({ reach, edge }) => (reach === "all" ? [edge] : []))),
    control: to.every(({ reach }) => reach === "all"),
    combine: to[0]?.combine,
    salts: to[0]?.salts,
  }));
}

const isDue = ([, , , told, sentAt]: Channel, { watermark, processingTime }: TimeState): boolean =>
  watermark > told && (watermark === END_OF_TIME || processingTime - sentAt >= QUIET_MS);

/**
 * How far from its own partition a commit's rows of a key go, where keys are spread: to each of `salts` partitions in
 * turn, which lie as far apart as they can. Senders begin with different ones.
 */
const turnOf = (nth: number, salts: number, partitions: number): number =>
  Math.floor(((nth % salts) * partitions) / salts);

const nameOf = (stage: string, to: number): string => `${stage}/${to}`;

const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
