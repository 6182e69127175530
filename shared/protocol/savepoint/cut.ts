import { MillraceError } from "../../errors/millrace-error.ts";
import { decodeEntry, type Entry, quietEntry, type Standing } from "../entry.ts";
import type { Environment } from "../environment.ts";
import { isFence } from "../fence.ts";
import type { LogItem, PartitionId, SnapshotRef } from "../ports.ts";
import { readAgain } from "../read-again.ts";
import { silenced } from "./saved-log.ts";

/** A partition as of its newest entry, when its log was read. */
export type Cut = {
  readonly id: PartitionId;
  /** 0 where nothing was committed. */
  readonly v: number;
  readonly snapshot: SnapshotRef | undefined;
  /** Entries behind the snapshot, up to `v`, without what they gave. */
  readonly items: readonly LogItem[];
  /** What stands in the log last: the entry `v`, or the fence behind it. */
  readonly head: LogItem | undefined;
  readonly standing: Standing;
  /** Entry `v` where it is not known whether all that it gave has arrived. */
  readonly last: Entry | undefined;
};

/** Reads of a log that is being shortened before somebody is told. */
const MOST_TRIES = 5;

/**
 * Reads a partition's log, as a cold environment would: pointer, then one consistent read of what is behind it.
 * @throws MillraceError `LOG_GAP`
 */
export async function cutPartition(env: Environment, id: PartitionId): Promise<Cut> {
  const { log, compression } = env;
  for (let tries = 1; ; tries += 1) {
    const snapshot = await log.snapshot(id);
    const from = snapshot?.v ?? 0;
    // the entry of the snapshot itself may be all that is left
    const read = await readAgain(() => log.readAfter(id, Math.max(0, from - 1)));
    const behind = read.filter(({ v }) => v > from);
    if (behind.some(({ v }, i) => v !== from + 1 + i)) {
      if (tries < MOST_TRIES) continue;
      throw new MillraceError(
        "LOG_GAP",
        `stage "${id.stage}", partition ${id.partition}: entry ${from + 1} is missing`,
        { next: "retried" },
      );
    }
    const head = read.at(-1);
    const entry = head && decodeEntry(head.body, compression);
    const items = behind.filter((item) => !isFence(item));
    const last = items.at(-1);
    return {
      id,
      v: last?.v ?? from,
      snapshot,
      items: items.map((item) => silenced(item, compression)),
      head,
      standing: entry ?? quietEntry(),
      last: last && (last === head ? entry : decodeEntry(last.body, compression)),
    };
  }
}
