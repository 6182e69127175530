import { MillraceError, messageOf } from "../../shared/errors/millrace-error.ts";
import type { StageSource } from "../../shared/operators/stage.ts";
import type { EpochMs } from "../../shared/time/time.ts";
import { readBlocks } from "./read-lines.ts";
import type { LakeFile } from "./sink-files.ts";
import type { Arrival, StageRun } from "./stage-run.ts";

type Batches = { readonly byPartition: Arrival[][]; refused: number };

/**
 * Reads a file of JSON lines as a stream's events and hands them, partition by partition, to every stage
 * that reads the stream. A line that is no event of the stream becomes a failed event; its neighbours go on.
 */
export async function readEvents(
  stream: string,
  path: string,
  source: StageSource,
  readers: readonly StageRun[],
  failed: LakeFile,
): Promise<{ readonly events: number; readonly refused: number }> {
  let line = 0;
  let refused = 0;
  const [first] = readers;
  if (first === undefined) return { events: 0, refused };
  for await (const block of readBlocks(path)) {
    const from = line;
    const batches: Batches = {
      byPartition: Array.from({ length: first.stage.partitions }, () => []),
      refused: 0,
    };
    for (let at = 0; at < block.length; ) {
      const newline = block.indexOf("\n", at);
      const end = newline < 0 ? block.length : newline;
      line += 1;
      if (end > at) {
        const text = block.slice(at, end);
        const arrival = read(text, `${stream}:${line}`, source);
        if (arrival instanceof MillraceError) {
          refused += 1;
          failed.append([refusal(text, `${stream}:${line}`, arrival)]);
        } else batches.byPartition[first.partitionOf(arrival.key)]?.push(arrival);
      }
      at = end + 1;
    }
    for (const [partition, batch] of batches.byPartition.entries())
      if (batch.length > 0)
        for (const reader of readers) reader.events(partition, `${stream}:${from}`, batch);
  }
  return { events: line, refused };
}

function read(text: string, position: string, { validate, time, key }: StageSource): Arrival | MillraceError {
  let payload: unknown;
  try {
    payload = JSON.parse(text);
  } catch (cause) {
    return new MillraceError("BODY_JSON", `${position} is no JSON: ${messageOf(cause)}`, {
      next: "dead-lettered",
      cause,
    });
  }
  const result = validate(payload);
  if (result instanceof Promise)
    throw new MillraceError("RUN_INPUT", "a schema that answers later cannot be used in a bounded run", {
      next: "refused",
    });
  if (result.issues !== undefined)
    return new MillraceError("EVENT_SCHEMA", `${position}: ${result.issues[0]?.message}`, {
      next: "dead-lettered",
    });
  const at = time === undefined ? (0 as EpochMs) : time(result.value);
  if (at === undefined)
    return new MillraceError("EVENT_TIME", `${position}: its time is missing or no time`, {
      next: "dead-lettered",
    });
  const { id } = result.value as { id?: unknown };
  return {
    id: typeof id === "string" ? id : position,
    time: at,
    key: key(result.value),
    payload: result.value,
  };
}

const refusal = (payload: string, position: string, { code, name, message }: MillraceError): unknown => ({
  payload,
  error: { code, name, message },
  position,
});
