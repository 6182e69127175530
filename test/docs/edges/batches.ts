import { zstd } from "../../../functions/aws/zstd.ts";
import { decodeFrame } from "../../../shared/frames/decode.ts";
import { encodeFrame } from "../../../shared/frames/encode.ts";
import type { WireRow } from "../../../shared/frames/frame.ts";
import { epochMs } from "../../../shared/index.ts";
import type { InRecord } from "../../../shared/protocol/record.ts";
import type { InMemory } from "../../protocol/in-memory.ts";
import { NOON, type Said, type Thing, thing } from "./given.ts";

/** Events as one record of the stream, which is a batch. What is not said of them is as in `thing`. */
export function batchOf(sequence: number, events: readonly Said[]): InRecord[] {
  const sent = { stream: "things", partition: 0, sentAt: epochMs(NOON) };
  const wired = events.map((event, i): [string, ReturnType<typeof epochMs>, Thing] => {
    const one = thing(`e${sequence}-${i}`, event);
    return [one.id, epochMs(one.at), one];
  });
  const data = encodeFrame({ kind: "events", ...sent, events: wired }, zstd);
  const at = { partitionKey: "p0", arrivedAt: epochMs(NOON) };
  return [{ shard: "shard-0", sequence: String(sequence), ...at, data }];
}

/** What was sent to a stage so far, frame by frame: to which partition, and its rows. */
export const sentTo = (
  { published }: InMemory,
  stage: string,
): readonly { readonly to: number; readonly rows: readonly WireRow[] }[] =>
  published.flatMap(({ stream, record: { data } }) => {
    const frame = decodeFrame(data, zstd);
    return stream === stage && frame?.kind === "rows" ? [{ to: frame.to, rows: frame.rows }] : [];
  });
