import type { MillraceError } from "../../shared/errors/millrace-error.ts";
import { project, type Tree, unionOf } from "../../shared/json/paths.ts";
import { SourceReader } from "../../shared/operators/source-reader.ts";
import type { StageSource } from "../../shared/operators/stage.ts";
import type { EpochMs } from "../../shared/time/time.ts";
import type { Batches } from "./batches.ts";
import { BLOCK_TEXTS, type Block, readBlocks } from "./read-lines.ts";
import type { LakeFile } from "./sink-files.ts";
import type { Arrival, StageRun } from "./stage-run.ts";

/**
 * Reads a file of JSON lines as a stream's events and folds each, in its partition, in every stage that reads
 * the stream. A line that is no event of the stream becomes a failed event; its neighbours go on.
 *
 * A block of lines is a batch. Its events are folded as they are read: what a batch kept in memory would outlive
 * them, and cost more to collect than to fold. Where a batch must be folded again, its text is read again.
 */
export async function readEvents(
  stream: string,
  path: string,
  source: StageSource,
  readers: readonly StageRun[],
  batches: Batches,
  failed: LakeFile,
): Promise<{ readonly events: number; readonly refused: number }> {
  let lines = 0;
  let events = 0;
  let refused = 0;
  const readings = readers.map((run) => readingOf(run));
  const reader = new SourceReader({ ...source, reads: unionOf(readings) }, source.stream, {
    ...BLOCK_TEXTS,
    shared: readers.every((run) => run.keepsNothing),
  });
  const give = giveTo(readers, readings);
  for await (const block of readBlocks(path)) {
    const result = batches.run(`${stream}:${lines}`, () => foldBlock(block, lines, stream, reader, give));
    failed.append(result.refusals);
    refused += result.refusals.length;
    events += result.events;
    lines += result.lines;
  }
  batches.run(`${stream}:end`, () => {
    for (const reader of readers) reader.end();
  });
  return { events, refused };
}

const readingOf = ({ stage }: StageRun): Tree => (stage.input.kind === "source" ? stage.input.reads : true);

/** Gives each stage what it reads of an event. */
function giveTo(readers: readonly StageRun[], readings: readonly Tree[]): (arrival: Arrival) => void {
  const [only, ...others] = readers;
  if (only !== undefined && others.length === 0) return (arrival) => only.event(arrival);
  return (arrival) => {
    const { payload } = arrival;
    for (const [i, run] of readers.entries()) {
      arrival.payload = project(payload, readings[i] as Tree);
      run.event(arrival);
    }
  };
}

type BlockResult = {
  readonly lines: number;
  /** Lines that are not blank. */
  readonly events: number;
  readonly refusals: readonly unknown[];
};

function foldBlock(
  block: Block,
  before: number,
  stream: string,
  reader: SourceReader,
  give: (arrival: Arrival) => void,
): BlockResult {
  const refusals: unknown[] = [];
  const arrival: Arrival = { id: "", time: 0 as EpochMs, key: "", payload: undefined };
  let events = 0;
  reader.each(block.bytes, block.length, 0 as EpochMs, (from, end, refused) => {
    events += 1;
    if (refused !== undefined) {
      const text = block.bytes.toString("utf8", from, end);
      refusals.push(refusal(text, `${stream}:${before + reader.line}`, refused));
      return;
    }
    arrival.id = reader.id ?? reader.line;
    arrival.time = reader.time;
    arrival.key = reader.key;
    arrival.payload = reader.payload;
    give(arrival);
  });
  return { lines: reader.line, events, refusals };
}

const refusal = (payload: string, position: string, { code, name, message }: MillraceError): unknown => ({
  payload,
  error: { code, name, message: `${position}: ${message}` },
  position,
});
