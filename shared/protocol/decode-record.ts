import { MillraceError } from "../errors/millrace-error.ts";
import type { Key, WireEvent } from "../events/event.ts";
import type { Compression } from "../frames/compression.ts";
import { decodeFrame } from "../frames/decode.ts";
import type { Frame } from "../frames/frame.ts";
import { partitionOf } from "../frames/partitioner.ts";
import type { TextOf, Texts } from "../json/line-reader.ts";
import { checkedKey } from "../operators/checked-key.ts";
import { SourceReader } from "../operators/source-reader.ts";
import { keepsNothing, type Stage, type StageSource } from "../operators/stage.ts";
import type { Content, InRecord, Piece, Refused } from "./record.ts";

/** Bytes of a record that no one could read, kept in its failed event. */
const POISON_CHARS = 100_000;

/**
 * Reads a record into what it holds for each partition. Nothing is thrown: what cannot be read becomes a
 * `poison` piece, and its neighbours are folded.
 * @param epoch - the stage's own; frames of others hold nothing for it
 */
export async function decodeRecord(
  stage: Stage,
  record: InRecord,
  compression: Compression,
  epoch = 0,
): Promise<Piece[]> {
  let frame: Frame | undefined;
  try {
    frame = decodeFrame(record.data, compression);
    if (frame === undefined) return await rawPieces(stage, record);
    // a frame of another timeline is no part of this one: of the one that was left, or of the one that came after
    if (frame.kind === "rows" && (frame.epoch ?? 0) !== epoch) return [];
    return [framePiece(stage, record, frame)];
  } catch (error) {
    return [poison(stage, record, textOf(record.data), error)];
  }
}

function framePiece(stage: Stage, record: InRecord, frame: Frame): Piece {
  const { input } = stage;
  const piece = (partition: number, content: Content): Piece => {
    if (partition < stage.partitions) return { partition, record, sentAt: frame.sentAt, content };
    throw misplaced(stage, record, `it is for partition ${partition} of ${stage.partitions}`);
  };
  if (frame.kind === "rows") {
    const { stage: sender, from, counter, watermark, rows } = frame;
    if (
      input.kind !== "internal" ||
      !input.upstreams.some((up) => up.stage === sender && from < up.partitions)
    )
      throw misplaced(stage, record, `it comes from stage "${sender}", partition ${from}`);
    return piece(frame.to, { kind: "rows", channel: `${sender}/${from}`, counter, watermark, rows });
  }
  if (frame.stream !== (input.kind === "source" ? input.stream : stage.id))
    throw misplaced(stage, record, `it belongs to stream "${frame.stream}"`);
  if (frame.kind !== "events") return piece(frame.partition, { kind: frame.kind });
  if (input.kind !== "source") throw misplaced(stage, record, "it has events, not rows");
  return piece(frame.partition, { kind: "events", events: frame.events });
}

/** A record of a foreign producer: JSON objects, one a line. Each finds its partition by its key. */
async function rawPieces(stage: Stage, record: InRecord): Promise<Piece[]> {
  const { input } = stage;
  if (input.kind !== "source") throw misplaced(stage, record, "it is no frame");
  const text = new TextDecoder("utf-8", { fatal: true }).decode(record.data);
  if (input.paths !== undefined) return partlyRead(stage, input, record);
  const contents = new Map<number, { readonly events: WireEvent[]; readonly refused: Refused[] }>();
  const contentOf = (partition: number) => {
    const content = contents.get(partition) ?? { events: [], refused: [] };
    contents.set(partition, content);
    return content;
  };
  for (const [i, line] of text.split("\n").entries()) {
    if (line.trim() === "") continue;
    try {
      const payload = await validated(input, JSON.parse(line));
      const time = input.time === undefined ? record.arrivedAt : input.time(payload);
      if (time === undefined)
        throw new MillraceError("EVENT_TIME", "the event's time is missing or no time", {
          next: "dead-lettered",
        });
      const partition = partitionOf(checkedKey(input.key(payload), stage.id), stage.partitions);
      contentOf(partition).events.push([`${record.shard}:${record.sequence}#${i}`, time, payload]);
    } catch (error) {
      contentOf(ownerOf(stage, record)).refused.push({ payload: line.slice(0, POISON_CHARS), error });
    }
  }
  return piecesOf(record, contents);
}

/** The same, where the lines need not be read further than the stage does. The record is known to be UTF-8. */
function partlyRead(stage: Stage, input: StageSource, record: InRecord): Piece[] {
  const { shard, sequence, arrivedAt } = record;
  const start = hasByteOrderMark(record.data) ? 3 : 0;
  const bytes = record.data.subarray(start);
  const contents = new Map<number, { events: WireEvent[]; keys: Key[]; refused: Refused[] }>();
  const contentOf = (partition: number) => {
    const content = contents.get(partition) ?? { events: [], keys: [], refused: [] };
    contents.set(partition, content);
    return content;
  };
  const reader = readerOf(stage, input);
  reader.each(bytes, bytes.length, arrivedAt, (from, end, error) => {
    if (error !== undefined) {
      const payload = utf8(bytes, from, Math.min(end, from + 4 * POISON_CHARS)).slice(0, POISON_CHARS);
      contentOf(ownerOf(stage, record)).refused.push({ payload, error });
      return;
    }
    const content = contentOf(partitionOf(reader.key, stage.partitions));
    content.events.push([`${shard}:${sequence}#${reader.line - 1}`, reader.time, reader.payload]);
    content.keys.push(reader.key);
  });
  return piecesOf(record, contents);
}

/** One for all records of a stage's source, since it learns what lines look like. */
const readers = new WeakMap<StageSource, SourceReader>();

function readerOf(stage: Stage, input: StageSource): SourceReader {
  let reader = readers.get(input);
  if (reader === undefined) {
    reader = new SourceReader(input, stage.id, { ...TEXTS, shared: keepsNothing(stage) });
    readers.set(input, reader);
  }
  return reader;
}

const hasByteOrderMark = (data: Uint8Array): boolean =>
  data[0] === 0xef && data[1] === 0xbb && data[2] === 0xbf;

const utf8Decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const utf8: TextOf = (bytes, from, to) => utf8Decoder.decode(bytes.subarray(from, to));
const latin1Decoder = new TextDecoder("latin1");

const TEXTS: Omit<Texts, "shared"> = {
  utf8,
  ascii: utf8,
  bytewise: (bytes, from, to) => latin1Decoder.decode(bytes.subarray(from, to)),
};

/** One piece for each partition: a record is taken once, and a second piece of it would count as a repeat. */
const piecesOf = (
  record: InRecord,
  contents: ReadonlyMap<number, Omit<Extract<Content, { kind: "events" }>, "kind">>,
): Piece[] =>
  [...contents].map(([partition, content]) => ({
    partition,
    record,
    sentAt: record.arrivedAt,
    content: { kind: "events", ...content },
  }));

async function validated(input: StageSource, payload: unknown): Promise<unknown> {
  const result = await input.validate(payload);
  if (result.issues === undefined) return result.value;
  const [issue] = result.issues;
  throw new MillraceError("EVENT_SCHEMA", `the event does not fit its schema: ${issue?.message}`, {
    next: "dead-lettered",
  });
}

const poison = (stage: Stage, record: InRecord, payload: string, error: unknown): Piece => ({
  partition: ownerOf(stage, record),
  record,
  sentAt: record.arrivedAt,
  content: { kind: "poison", payload, error },
});

/** Who keeps what cannot be read, and so has no key. */
const ownerOf = (stage: Stage, record: InRecord): number =>
  partitionOf(record.partitionKey, stage.partitions);

const textOf = (data: Uint8Array): string => new TextDecoder().decode(data.subarray(0, POISON_CHARS));

const misplaced = (stage: Stage, record: InRecord, why: string): MillraceError =>
  new MillraceError(
    "EVENT_MISPLACED",
    `stage "${stage.id}": record ${record.sequence} of ${record.shard} does not belong here: ${why}`,
    { next: "dead-lettered" },
  );
