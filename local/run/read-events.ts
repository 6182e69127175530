import type { ErrorCode } from "../../shared/errors/codes.ts";
import { MillraceError, messageOf } from "../../shared/errors/millrace-error.ts";
import type { StageSource } from "../../shared/operators/stage.ts";
import type { EpochMs } from "../../shared/time/time.ts";
import type { Batches } from "./batches.ts";
import { eachLine, readBlocks } from "./read-lines.ts";
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
  let refused = 0;
  for await (const block of readBlocks(path)) {
    const { line, refusals } = batches.run(`${stream}:${lines}`, () =>
      foldBlock(block, lines, stream, source, readers),
    );
    failed.append(refusals);
    refused += refusals.length;
    lines = line;
  }
  batches.run(`${stream}:end`, () => {
    for (const reader of readers) reader.end();
  });
  return { events: lines, refused };
}

type BlockResult = { readonly line: number; readonly refusals: readonly unknown[] };

function foldBlock(
  block: Buffer,
  before: number,
  stream: string,
  source: StageSource,
  readers: readonly StageRun[],
): BlockResult {
  const refusals: unknown[] = [];
  const arrival: Arrival = { id: "", time: 0 as EpochMs, key: "", payload: undefined };
  let line = before;
  eachLine(block, (text) => {
    line += 1;
    if (text === "") return;
    const error = read(text, line - before, source, arrival);
    if (error !== undefined) refusals.push(refusal(text, `${stream}:${line}`, error));
    else for (const reader of readers) reader.event(arrival);
  });
  return { line, refusals };
}

/** Reads a line into `arrival`; what keeps it from being an event of the stream, if anything does. */
function read(
  text: string,
  number: number,
  { validate, time, key }: StageSource,
  arrival: Arrival,
): MillraceError | undefined {
  let payload: unknown;
  try {
    payload = JSON.parse(text);
  } catch (cause) {
    return refused("BODY_JSON", `no JSON: ${messageOf(cause)}`, cause);
  }
  const result = validate(payload);
  if (result instanceof Promise)
    throw new MillraceError("RUN_INPUT", "a schema that answers later cannot be used in a bounded run", {
      next: "refused",
    });
  if (result.issues !== undefined)
    return refused("EVENT_SCHEMA", result.issues[0]?.message ?? "not as its schema wants it");
  const at = time === undefined ? (0 as EpochMs) : time(result.value);
  if (at === undefined) return refused("EVENT_TIME", "its time is missing or no time");
  const { id } = result.value as { id?: unknown };
  arrival.id = typeof id === "string" ? id : number;
  arrival.time = at;
  arrival.key = key(result.value);
  arrival.payload = result.value;
  return undefined;
}

const refused = (code: ErrorCode, message: string, cause?: unknown): MillraceError =>
  new MillraceError(code, message, { next: "dead-lettered", cause });

const refusal = (payload: string, position: string, { code, name, message }: MillraceError): unknown => ({
  payload,
  error: { code, name, message: `${position}: ${message}` },
  position,
});
