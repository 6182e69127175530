import { MillraceError } from "../../errors/millrace-error.ts";
import type { EntryFrame } from "../channel.ts";
import { decodeEntry } from "../entry.ts";
import type { Environment } from "../environment.ts";
import type { PartitionId } from "../ports.ts";
import { readAgain } from "../read-again.ts";
import type { Cut } from "./cut.ts";

/** Of a channel: frames beyond `taken` up to `sent` are on their way. */
type Span = { readonly stage: string; readonly to: number; readonly taken: number; readonly sent: number };

/** By stage, the cuts of its partitions. */
export type Cuts = ReadonlyMap<string, readonly Cut[]>;

/**
 * What a partition had sent and its receivers had not taken, when each was read.
 * @throws MillraceError `SAVEPOINT_TORN` where one had taken what was not sent: the receivers were not read first
 */
export function spansInFlight({ id, standing }: Cut, cuts: Cuts): Span[] {
  const channel = `${id.stage}/${id.partition}`;
  const sent = new Map(standing.channels.map(([stage, to, counter]) => [`${stage}/${to}`, counter]));
  const spans: Span[] = [];
  for (const [stage, receivers] of cuts)
    for (const [to, receiver] of receivers.entries()) {
      const taken = Number(receiver.standing.positions.find(([source]) => source === channel)?.[1] ?? 0);
      const last = sent.get(`${stage}/${to}`) ?? 0;
      if (taken > last)
        throw new MillraceError(
          "SAVEPOINT_TORN",
          `stage "${stage}", partition ${to} has taken frame ${taken} of ${channel}, which had sent ${last}`,
          { next: "retried" },
        );
      if (taken < last) spans.push({ stage, to, taken, sent: last });
    }
  return spans;
}

/** Most frames on their way are of the last entries: those are read first, then so many times more. */
const FIRST_ENTRIES = 16;
const MORE = 4;

/**
 * The frames of spans, from the entries that gave them, in the order in which they were given.
 * @throws MillraceError `SAVEPOINT_FRAMES_GONE` where such an entry is not in the log any more
 */
export async function framesOf(
  { log, compression }: Environment,
  id: PartitionId,
  v: number,
  spans: readonly Span[],
): Promise<readonly EntryFrame[]> {
  if (spans.length === 0) return [];
  const wanted = spans.reduce((n, { taken, sent }) => n + sent - taken, 0);
  const spanOf = new Map(spans.map((span) => [`${span.stage}/${span.to}`, span]));
  const isWanted = ([stage, to, counter]: EntryFrame): boolean => {
    const span = spanOf.get(`${stage}/${to}`);
    return span !== undefined && counter > span.taken;
  };
  for (let entries = FIRST_ENTRIES; ; entries *= MORE) {
    const from = Math.max(0, v - entries);
    const items = await readAgain(() => log.readAfter(id, from, v));
    const frames = items.flatMap(({ body }) => decodeEntry(body, compression).frames.filter(isWanted));
    // an entry that was restored gives frames again that are older than it: one of each counts
    const each = new Map(frames.map((frame) => [`${frame[0]}/${frame[1]}/${frame[2]}`, frame]));
    if (each.size === wanted) return [...each.values()];
    if (from === 0 || items[0]?.v !== from + 1)
      throw new MillraceError(
        "SAVEPOINT_FRAMES_GONE",
        `stage "${id.stage}", partition ${id.partition}: of ${wanted} frames that nobody has taken yet ${wanted - each.size} are in no entry any more; "${spans[0]?.stage}" is more than a day behind`,
        { next: "refused" },
      );
  }
}
