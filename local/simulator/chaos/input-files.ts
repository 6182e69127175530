import { zstd } from "../../../functions/aws/zstd.ts";
import { MillraceError, messageOf } from "../../../shared/errors/millrace-error.ts";
import type { Application } from "../../../shared/pipeline/application.ts";
import { epochMs } from "../../../shared/time/time.ts";
import { readBlocks } from "../../run/read-lines.ts";
import type { Request } from "../chaos.ts";
import { Intake } from "../intake.ts";
import type { Random } from "../random.ts";

/** Events of one stream. */
export type StreamInput = { readonly stream: string; readonly events: readonly unknown[] };

/**
 * The first events of files of JSON lines, gzipped or not.
 * @param most - events of each stream
 * @throws MillraceError `RUN_INPUT` for a stream without a file, a file without a stream, or a line that is no JSON
 */
export async function readInputs(
  { name, streams }: Application,
  files: ReadonlyMap<string, string>,
  most: number,
): Promise<StreamInput[]> {
  const refused = (sentence: string, cause?: unknown): MillraceError =>
    new MillraceError("RUN_INPUT", sentence, { next: "refused", ...(cause === undefined ? {} : { cause }) });
  for (const stream of files.keys())
    if (!streams.some(({ id }) => id === stream))
      throw refused(
        `application "${name}" has no stream "${stream}", only ${streams.map(({ id }) => id).join(", ")}`,
      );
  const inputs: StreamInput[] = [];
  for (const { id } of streams) {
    const file = files.get(id);
    if (file === undefined) throw refused(`stream "${id}" has no input`);
    try {
      inputs.push({ stream: id, events: await firstEvents(file, most) });
    } catch (cause) {
      throw refused(`"${file}" cannot be read: ${messageOf(cause)}`, cause);
    }
  }
  return inputs;
}

async function firstEvents(file: string, most: number): Promise<unknown[]> {
  const events: unknown[] = [];
  for await (const { bytes, length } of readBlocks(file)) {
    for (const line of bytes.toString("utf8", 0, length).split("\n"))
      if (line.trim() !== "" && events.length < most) events.push(JSON.parse(line));
    if (events.length === most) break;
  }
  return events;
}

/**
 * Events that ingest would refuse, since they do not fit their stream: a run goes on without them.
 * @throws MillraceError `RUN_INPUT` where none fits
 */
export async function refusals(
  { streams }: Application,
  inputs: readonly StreamInput[],
): Promise<{ readonly refused: number; readonly first: string | undefined }> {
  let refused = 0;
  let total = 0;
  let first: string | undefined;
  for (const stream of streams) {
    const events = inputs.find((input) => input.stream === stream.id)?.events ?? [];
    const { rejected } = await new Intake(stream, zstd).take(events, epochMs(0));
    total += events.length;
    refused += rejected.length;
    if (rejected[0] !== undefined) first ??= `${stream.id}: ${rejected[0].message}`;
  }
  if (refused === total)
    throw new MillraceError(
      "RUN_INPUT",
      `no event of ${total} fits its stream: ${first ?? "there is none"}`,
      {
        next: "refused",
      },
    );
  return { refused, first };
}

/** In so many requests a run sends its events, about. */
const REQUESTS = 40;

/** Cuts the events into requests, in the order of each stream; streams take turns as chance has it. */
export function requestsOf(inputs: readonly StreamInput[], random: Random): Request[] {
  const total = inputs.reduce((n, { events }) => n + events.length, 0);
  const most = Math.max(1, Math.ceil((2 * total) / REQUESTS));
  const left = inputs.map(({ stream, events }) => ({ stream, events, at: 0 }));
  const requests: Request[] = [];
  for (;;) {
    const next = random.pick(left.filter(({ events, at }) => at < events.length));
    if (next === undefined) return requests;
    const n = 1 + random.below(most);
    requests.push({ stream: next.stream, events: next.events.slice(next.at, next.at + n) });
    next.at += n;
  }
}
