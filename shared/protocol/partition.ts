import { MillraceError } from "../errors/millrace-error.ts";
import { OperatorHalted } from "../operators/failure.ts";
import { CarefulFoldNeeded } from "../operators/panes.ts";
import type { Stage } from "../operators/stage.ts";
import { stampOf } from "../state/stamp.ts";
import { type Entry, encodeEntry, hasOutputs } from "./entry.ts";
import type { Environment } from "./environment.ts";
import { foldPiece } from "./fold-piece.ts";
import type { Inbox } from "./inbox.ts";
import type { LookupSession } from "./lookup/sessions.ts";
import { Outbox, type Parcel } from "./outbox.ts";
import type { LogItem, PartitionId } from "./ports.ts";
import { type Priorities, prioritiesOf } from "./priorities.ts";
import { publishEntry } from "./publish.ts";
import { type Piece, placeOf } from "./record.ts";
import { Replica } from "./replica.ts";
import { snapshotIfDue } from "./snapshot-policy.ts";

/** How a batch of a partition ended: all of it is in the log, or nothing from `stoppedAt` on. */
export type Settled = { readonly stoppedAt?: Piece; readonly cause?: unknown };

/**
 * The loop that takes one partition further. Any number of environments may run it for one partition at a
 * time: the conditional put of entry `v + 1` decides whose batch counts, and the others start over.
 *
 * ```
 * catch up ─► publish again what may not have arrived ─► fold ─► put v+1 if absent ─► publish
 *    ▲                                                              │ lost
 *    └──────────────────────── take it all back ◄──────────────────┘
 * ```
 */
export class Partition {
  readonly #stage: Stage;
  readonly #id: PartitionId;
  readonly #env: Environment;
  readonly #outbox: Outbox;
  readonly #priorities: Priorities;
  readonly #replica: Replica;

  /** @param lookups - shares what is in memory with the environment's other partitions. @default its own */
  constructor(stage: Stage, id: PartitionId, env: Environment, lookups?: LookupSession) {
    this.#stage = stage;
    this.#id = id;
    this.#env = env;
    this.#outbox = new Outbox(stage, id, env.compression);
    this.#priorities = prioritiesOf(stage);
    this.#replica = new Replica(stage, id, env, lookups);
  }

  /** Takes the pieces in order, each exactly once. */
  async process(pieces: readonly Piece[]): Promise<Settled> {
    const replica = this.#replica;
    for (let lacking = false; ; ) {
      if (!lacking) {
        await replica.refresh();
        await this.#publishAgain();
      }
      lacking = false;
      const { taken, settled } = sift(replica.inbox, pieces);
      const part = firstPart(taken, MOST_EVENTS[this.#stage.kind]);
      if (part.length === 0) return settled;
      const folded = this.#fold(part);
      if (folded === "lacking") {
        lacking = (await replica.fetchMissing()) === "fetched";
        continue;
      }
      const { draft, halted } = folded;
      // Nothing is kept that the log does not say: a cold environment would not know it.
      if (draft === undefined) replica.fold.rollback();
      else if ((await this.#commit(draft)) === "lost") continue;
      if (halted !== undefined || part.length === taken.length) return halted ?? settled;
    }
  }

  /** The next entry may not commit before the outputs of the last were acknowledged. */
  async #publishAgain(): Promise<void> {
    const { unpublished, v } = this.#replica;
    if (unpublished === undefined) return;
    const records = this.#outbox.unpack(unpublished.frames, unpublished.time.processingTime);
    await publishEntry(this.#env, this.#id, v, unpublished, records, this.#priorities);
    this.#replica.unpublished = undefined;
  }

  /**
   * Folds the pieces over the state; where an operator halts, those before it. Where user code or a value
   * stands in the way of the whole batch, folds it once more with care, so that only that event fails.
   * `lacking`: it met state or rows that are not in memory, and is still to be taken back.
   */
  #fold(pieces: readonly Piece[], careful = false): Folded | "lacking" {
    const { fold } = this.#replica;
    const inbox = this.#replica.inbox.copy();
    let at = 0;
    try {
      for (const piece of pieces) {
        foldPiece(fold, piece);
        inbox.advance(...placeOf(piece));
        at += 1;
      }
      if (fold.lacking) return "lacking";
      return { draft: this.#draft(inbox) };
    } catch (thrown) {
      // what came of what is not there says nothing
      if (fold.lacking) return "lacking";
      const again = !careful && needsCare(thrown);
      fold.rollback(careful || again);
      if (again) return this.#fold(pieces, true);
      const stoppedAt = pieces[at];
      if (!(thrown instanceof OperatorHalted) || stoppedAt === undefined) throw thrown;
      const before = this.#fold(pieces.slice(0, at), careful);
      return before === "lacking" ? before : { ...before, halted: { stoppedAt, cause: thrown } };
    }
  }

  /** Puts entry `v + 1` and publishes it; `lost` where somebody else's stands there. */
  async #commit({ entry, item, parcel }: Draft): Promise<"settled" | "lost"> {
    const replica = this.#replica;
    try {
      const { won } = await this.#env.log.append(this.#id, item);
      if (!won) {
        replica.fold.rollback();
        return "lost";
      }
    } catch (thrown) {
      // Whether it was written is unknown: the next look at the log tells.
      replica.fold.rollback();
      throw thrown;
    }
    replica.committed(item.v, entry, item.body.length);
    await publishEntry(this.#env, this.#id, item.v, entry, parcel.records, this.#priorities);
    replica.unpublished = undefined;
    await snapshotIfDue(this.#stage, this.#id, this.#env, replica);
    return "settled";
  }

  /** The entry that the folded batch makes; undefined where it says nothing that the log does not. */
  #draft(inbox: Inbox): Draft | undefined {
    const { fold, channels, v } = this.#replica;
    const parcel = this.#outbox.pack(v + 1, fold.outputs.feeds, channels, fold.time(), (row, thrown) =>
      fold.reject(this.#stage.id, row, thrown, row[2]),
    );
    const { changes, outputs, time, counts, nextTimer, nextProcessingTimer, lookedUp } = fold.seal();
    const entry: Entry = {
      positions: inbox.positions,
      time,
      counts,
      changes,
      channels: parcel.channels,
      frames: parcel.frames,
      views: [...outputs.views].map(([view, rows]) => [view, [...rows.values()]]),
      lake: [...outputs.lake.values()],
      failed: outputs.failed,
      lookedUp,
    };
    if (changes.length === 0 && !hasOutputs(entry) && this.#replica.says(entry)) return undefined;
    const item: LogItem = {
      v: v + 1,
      nonce: this.#env.nonce(),
      published: v,
      outputs: hasOutputs(entry),
      watermark: time.watermark,
      nextTimer,
      ...(nextProcessingTimer === undefined ? {} : { nextProcessingTimer }),
      owes: parcel.owes,
      codeVersion: this.#env.codeVersion,
      fingerprint: stampOf(this.#stage),
      counts: { ...counts, open: fold.openWindows },
      body: encodeEntry(entry, this.#env.compression),
    };
    return { entry, item, parcel };
  }
}

type Folded = { readonly draft: Draft | undefined; readonly halted?: Settled };

/** An entry on its way into the log, and what it sends. */
type Draft = { readonly entry: Entry; readonly item: LogItem; readonly parcel: Parcel };

/**
 * Events of one commit: a batch of packed records may hold hundreds of thousands, and one that does not end
 * before the function's timeout must not have done nothing. A lake table's commits are its files: those are
 * to be large.
 */
const MOST_EVENTS = { stage: 10_000, lake: 200_000 } as const;

/** The first pieces that together hold about so many events; at least one, where there is one. */
function firstPart(pieces: readonly Piece[], most: number): readonly Piece[] {
  let events = 0;
  const end = pieces.findIndex(({ content }) => {
    if (events >= most) return true;
    events +=
      content.kind === "events" ? content.events.length : content.kind === "rows" ? content.rows.length : 1;
    return false;
  });
  return end < 0 ? pieces : pieces.slice(0, end);
}

const needsCare = (thrown: unknown): boolean =>
  thrown instanceof CarefulFoldNeeded ||
  (thrown instanceof MillraceError &&
    (thrown.code === "VALUE_UNSUPPORTED" || thrown.code === "VIEW_TOO_LARGE"));

/** Drops what was taken before; stops at a gap, so that it is delivered again after what is missing. */
function sift(inbox: Inbox, pieces: readonly Piece[]): { taken: Piece[]; settled: Settled } {
  const ahead = inbox.copy();
  const taken: Piece[] = [];
  for (const piece of pieces) {
    const [source, at] = placeOf(piece);
    const verdict = typeof at === "number" ? ahead.channel(source, at) : ahead.shard(source, at);
    if (verdict === "gap") return { taken, settled: { stoppedAt: piece } };
    if (verdict === "drop") continue;
    taken.push(piece);
    ahead.advance(source, at);
  }
  return { taken, settled: {} };
}
