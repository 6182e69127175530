import { MillraceError } from "../errors/millrace-error.ts";
import { Fold } from "../operators/fold.ts";
import type { Stage } from "../operators/stage.ts";
import type { Channel } from "./channel.ts";
import { decodeEntry, type Entry, hasOutputs } from "./entry.ts";
import type { Environment } from "./environment.ts";
import { Inbox } from "./inbox.ts";
import type { LogItem, PartitionId } from "./ports.ts";
import { decodeSnapshot } from "./snapshot.ts";

/**
 * A partition as of version `v`: state, positions, channels. A warm environment keeps it between
 * invocations; before each use, one consistent read of the log tells whether somebody else has gone on.
 */
export class Replica {
  readonly #id: PartitionId;
  readonly #stage: Stage;
  readonly #env: Environment;
  fold: Fold;
  inbox: Inbox = new Inbox();
  channels: readonly Channel[] = [];
  v = 0;
  /** The last entry, while its outputs are not known to have been acknowledged by all. */
  unpublished: Entry | undefined;
  /** Entries and their bytes since the last snapshot: what a cold start reads. */
  sinceSnapshot = { entries: 0, bytes: 0 };
  snapshotBytes = 0;
  #warm = false;

  constructor(stage: Stage, id: PartitionId, env: Environment) {
    this.#id = id;
    this.#stage = stage;
    this.#env = env;
    this.fold = new Fold(stage, env);
  }

  /** Catches up with the log. */
  async refresh(): Promise<void> {
    if (!this.#warm) await this.#restore();
    let items = await this.#env.log.readAfter(this.#id, this.v);
    if (hasGap(items, this.v)) {
      await this.#restore();
      items = await this.#env.log.readAfter(this.#id, this.v);
      if (hasGap(items, this.v)) throw this.#broken("LOG_GAP", `entry ${this.v + 1} is missing`);
    }
    this.#warm = false;
    this.#apply(items);
    this.#warm = true;
  }

  /** Takes over an entry that this replica committed itself: its fold has it already. */
  committed(v: number, entry: Entry, bytes: number): void {
    this.fold.keep();
    this.#note(v, entry, bytes);
  }

  /** Whether the log says all this already: a tick that moved nothing is not worth a write. */
  says({ positions, time, counts }: Entry): boolean {
    const known = this.fold.sealed;
    return (
      counts.input === known.counts.input &&
      time.watermark === known.time.watermark &&
      time.firstTickAt === known.time.firstTickAt &&
      positions.every(([source, at]) => typeof at === "string" || this.inbox.channel(source, at) === "drop")
    );
  }

  #note(v: number, entry: Entry, bytes: number): void {
    this.v = v;
    this.inbox = new Inbox(entry.positions);
    this.channels = entry.channels;
    this.unpublished = hasOutputs(entry) ? entry : undefined;
    this.sinceSnapshot = { entries: this.sinceSnapshot.entries + 1, bytes: this.sinceSnapshot.bytes + bytes };
  }

  /** Takes up time once, after the last of them: that looks at all state, whatever the entries changed. */
  #apply(items: readonly LogItem[]): void {
    let last: Entry | undefined;
    for (const item of items) {
      this.#accept(item.fingerprint, `entry ${item.v}`);
      last = decodeEntry(item.body, this.#env.compression);
      this.fold.apply(last.changes);
      this.#note(item.v, last, item.body.length);
    }
    if (last !== undefined) this.fold.resume(last.time, last.counts);
  }

  /** Starts over from the newest snapshot, or from nothing. */
  async #restore(): Promise<void> {
    this.#warm = false;
    this.fold = new Fold(this.#stage, this.#env);
    this.inbox = new Inbox();
    this.channels = [];
    this.v = 0;
    this.unpublished = undefined;
    this.sinceSnapshot = { entries: 0, bytes: 0 };
    const ref = await this.#env.log.snapshot(this.#id);
    if (ref === undefined) return;
    const bytes = await this.#env.blobs.get(ref.key);
    if (bytes === undefined) throw this.#broken("SNAPSHOT_UNKNOWN", `snapshot "${ref.key}" is missing`);
    const snapshot = decodeSnapshot(bytes, this.#env.compression);
    this.#accept(snapshot.fingerprint, `the snapshot of ${ref.v}`);
    this.fold.apply(snapshot.changes);
    this.fold.resume(snapshot.time, snapshot.counts);
    this.inbox = new Inbox(snapshot.positions);
    this.channels = snapshot.channels;
    this.v = ref.v;
    this.snapshotBytes = bytes.length;
  }

  #accept(fingerprint: string, what: string): void {
    if (fingerprint === this.#stage.fingerprint) return;
    throw this.#broken(
      "STATE_MISMATCH",
      `${what} was written by another shape of this stage; deploy it under a new id or restore the operator`,
    );
  }

  #broken(code: "LOG_GAP" | "SNAPSHOT_UNKNOWN" | "STATE_MISMATCH", sentence: string): MillraceError {
    const { stage, partition } = this.#id;
    return new MillraceError(code, `stage "${stage}", partition ${partition}: ${sentence}`, {
      next: code === "STATE_MISMATCH" ? "halted" : "retried",
    });
  }
}

const hasGap = (items: readonly LogItem[], v: number): boolean =>
  items.some((item, i) => item.v !== v + 1 + i);
