import type { Key } from "../events/event.ts";
import { END_OF_TIME, type EpochMs } from "../time/time.ts";
import type { Change } from "./change.ts";
import { comparePlaces, type PackedPlaces, type Place } from "./place.ts";

/** Where a block of a snapshot stands. */
export type BlockRef = {
  readonly object: string;
  readonly offset: number;
  readonly length: number;
  /** Its characters, before compression. */
  readonly chars: number;
};

/**
 * What a block says of one place. `whole`: the changes are all that stands there, whatever older blocks say
 * (none: nothing stands there); else they come on top of it.
 */
export type PageRecord = readonly [group: number, key: Key, whole: 0 | 1, ...changes: Change[]];

/** Until when a piece of state may lie unread. */
export type Wakes = {
  /** The watermark that it must be in memory for; END_OF_TIME where it waits for none. */
  readonly due: EpochMs;
  /** The same of stream time. */
  readonly streamDue: EpochMs;
  /** The same of processing time; absent where the operator does not go by it. */
  readonly processingDue?: EpochMs;
  /** A processing time that it must be in memory for and that nobody outside is to see, so that no tick is sent for it; absent where there is none. */
  readonly sweepDue?: EpochMs;
  /** The watermark from which on it is no more, by a `drop` of its group that names no key; END_OF_TIME where there is none. */
  readonly until: EpochMs;
  /** What such a `drop` would name. */
  readonly mark: EpochMs | undefined;
};

/** A processing time that has come whenever anybody looks. */
export const AT_ONCE: EpochMs = Number.MIN_SAFE_INTEGER as EpochMs;

export const NEVER: Wakes = {
  due: END_OF_TIME,
  streamDue: END_OF_TIME,
  until: END_OF_TIME,
  mark: undefined,
};

/** What is known of a page's content without reading it. */
export type Summary = {
  due: EpochMs;
  streamDue: EpochMs;
  /** Absent where some of it is of code that did not go by processing time: nobody knows then. */
  processingDue?: EpochMs | undefined;
  sweepDue?: EpochMs | undefined;
  until: EpochMs;
  marks: readonly EpochMs[];
  /** Windows, sessions, ids. */
  count: number;
};

export const noSummary = (): Summary => ({
  due: END_OF_TIME,
  streamDue: END_OF_TIME,
  until: -END_OF_TIME as EpochMs,
  marks: [],
  count: 0,
});

/** Takes one more piece into a summary. */
export function widen(summary: Summary, wakes: Wakes): void {
  const { due, streamDue, processingDue, sweepDue, until, mark } = wakes;
  if (due < summary.due) summary.due = due;
  if (streamDue < summary.streamDue) summary.streamDue = streamDue;
  const before = summary.count === 0 ? END_OF_TIME : summary.processingDue;
  if (before !== undefined && processingDue !== undefined)
    summary.processingDue = Math.min(processingDue, before) as EpochMs;
  else if (summary.processingDue !== undefined) summary.processingDue = undefined;
  if (sweepDue !== undefined) summary.sweepDue = Math.min(sweepDue, summary.sweepDue ?? sweepDue) as EpochMs;
  if (until > summary.until) summary.until = until;
  if (mark !== undefined && !summary.marks.includes(mark)) summary.marks = [...summary.marks, mark];
  summary.count += 1;
}

/** Neighbouring places of one operator, which are read, written and forgotten together. */
export type Page = {
  readonly operator: string;
  /** It holds all places from here up to the next page's; the first page those before it, too. */
  readonly first: Place | undefined;
  /** Blocks that hold its content, oldest first. */
  readonly chain: readonly BlockRef[];
  readonly summary: Summary;
  /** Whether its content is in the operator's memory. */
  resident: boolean;
  /** Of a resident page: the places at which something stood when it was last read or written. */
  places: PackedPlaces;
  /** Of one that is not: changes that came after its blocks. */
  pending: Change[];
  /** When it was last read or written, as a number that grows. */
  used: number;
};

export const NO_PLACES: PackedPlaces = new Map();

/** A page of all places, where nothing stands yet. */
export const blankPage = (operator: string): Page => ({
  operator,
  first: undefined,
  chain: [],
  summary: noSummary(),
  resident: true,
  places: NO_PLACES,
  pending: [],
  used: 0,
});

/** What the blocks of a page say together, in the order of places. Each block is in that order. */
export function contentOf(blocks: readonly (readonly PageRecord[])[]): readonly PageRecord[] {
  const [only] = blocks;
  if (blocks.length <= 1) return only ?? [];
  const content = new Map<number, Map<Key, PageRecord>>();
  for (const block of blocks)
    for (const record of block) {
      const [group, key, whole, ...changes] = record;
      let keys = content.get(group);
      if (keys === undefined) {
        keys = new Map();
        content.set(group, keys);
      }
      const before = keys.get(key);
      if (whole === 1 || before === undefined) keys.set(key, record);
      else keys.set(key, [group, key, before[2], ...(before.slice(3) as Change[]), ...changes]);
    }
  return [...content.values()]
    .flatMap((keys) => [...keys.values()])
    .sort((a, b) => comparePlaces([a[0], a[1]], [b[0], b[1]]));
}
