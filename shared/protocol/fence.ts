import type { Compression } from "../frames/compression.ts";
import { decodeEntry, encodeEntry, quietEntry } from "./entry.ts";
import type { CommitLog, LogItem, PartitionId } from "./ports.ts";
import { readAgain } from "./read-again.ts";

/**
 * What stands before the fingerprint where a log has ended. A build that knows no fences takes it for state of another
 * shape, and stops at it too.
 */
const FENCE = "epoch-ended:";

/** Whether an entry only says that the log ends here: its state goes on in another epoch. */
export const isFence = ({ fingerprint }: Pick<LogItem, "fingerprint">): boolean =>
  fingerprint.startsWith(FENCE);

/** The fingerprint of the stage that wrote what comes before a fence, or the entry that is none. */
export const writtenBy = (item: Pick<LogItem, "fingerprint">): string =>
  isFence(item) ? item.fingerprint.slice(FENCE.length) : item.fingerprint;

export type FencePorts = {
  readonly log: CommitLog;
  readonly compression: Compression;
  readonly codeVersion: string;
  readonly nonce: () => string;
};

/**
 * Ends a partition's log: the last entry of all, after which no environment commits anything there, however long it
 * slept. What was committed before and is being published may still arrive.
 * @returns the version up to which the log counts; undefined where it was ended before
 */
export async function fenceLog(ports: FencePorts, id: PartitionId): Promise<number | undefined> {
  const { log, compression, codeVersion, nonce } = ports;
  for (;;) {
    const after = ((await log.snapshot(id))?.v ?? 0) - 1;
    const head = (await readAgain(() => log.readAfter(id, Math.max(0, after)))).at(-1);
    if (head !== undefined && isFence(head)) return undefined;
    const entry = quietEntry(head && decodeEntry(head.body, compression));
    const { won } = await log.append(id, {
      v: (head?.v ?? 0) + 1,
      nonce: nonce(),
      published: head?.published ?? 0,
      outputs: false,
      watermark: head?.watermark ?? entry.time.watermark,
      // a savepoint of an ended log takes these from here
      nextTimer: head?.nextTimer,
      nextProcessingTimer: head?.nextProcessingTimer,
      owes: head?.owes ?? false,
      codeVersion,
      fingerprint: `${FENCE}${head?.fingerprint ?? ""}`,
      counts: head?.counts ?? {},
      body: encodeEntry(entry, compression),
    });
    if (won) return head?.v ?? 0;
  }
}
