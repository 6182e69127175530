import { closeSync, openSync, writeSync } from "node:fs";
import { parseArgs } from "node:util";
import { BASE_TIME_MS, eventAt } from "./event-at.ts";
import { type NexmarkEvent, timeOf } from "./nexmark.ts";
import { Random } from "./random.ts";

export type NexmarkOptions = {
  readonly events: number;
  readonly seed: number;
  /** Events per second of event time. */
  readonly rate: number;
  /** How far, in milliseconds, an event may be behind the highest event time written before it; 0: in order. */
  readonly maxDelay: number;
};

const BUFFER_CHARS = 1 << 20;

/** Of an out-of-order stream's events, so many are delayed. */
const DELAYED = 0.5;

/**
 * The stream in the order in which it is written. Half of an out-of-order stream's events come 1 to `maxDelay`
 * milliseconds after their time, all in the order in which they come; of one moment, in that of their numbers.
 */
function* inOrderOfArrival({ events, seed, rate, maxDelay }: NexmarkOptions): Generator<NexmarkEvent> {
  const random = new Random();
  if (maxDelay <= 0) {
    for (let n = 0; n < events; n += 1) yield eventAt(n, { seed, rate }, random);
    return;
  }
  const delays = new Random();
  const waiting = new Map<number, NexmarkEvent[]>();
  let now = BASE_TIME_MS;
  for (let n = 0; n < events; n += 1) {
    const event = eventAt(n, { seed, rate }, random);
    const time = timeOf(event);
    delays.seed(seed ^ 0x5bd1e995, n);
    const arrival = time + (delays.fraction() < DELAYED ? 1 + delays.int(maxDelay) : 0);
    for (; now < time; now += 1) {
      yield* waiting.get(now) ?? [];
      waiting.delete(now);
    }
    const together = waiting.get(arrival);
    if (together === undefined) waiting.set(arrival, [event]);
    else together.push(event);
  }
  for (const at of [...waiting.keys()].sort((a, b) => a - b)) yield* waiting.get(at) ?? [];
}

/** Blocks of whole JSON lines: the same bytes for the same options, on every machine. */
export function* nexmarkLines(options: NexmarkOptions): Generator<string> {
  let text = "";
  for (const event of inOrderOfArrival(options)) {
    text += `${JSON.stringify(event)}\n`;
    if (text.length >= BUFFER_CHARS) {
      yield text;
      text = "";
    }
  }
  yield text;
}

/** Writes a stream of Nexmark's events as JSON lines. */
export function writeNexmark(path: string, options: NexmarkOptions): void {
  const file = openSync(path, "w");
  for (const text of nexmarkLines(options)) {
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
  }
  closeSync(file);
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      events: { type: "string", default: "100000" },
      seed: { type: "string", default: "1" },
      rate: { type: "string", default: "10000" },
      "max-delay": { type: "string", default: "0" },
      out: { type: "string", default: "/dev/stdout" },
    },
  });
  writeNexmark(values.out, {
    events: Number(values.events),
    seed: Number(values.seed),
    rate: Number(values.rate),
    maxDelay: Number(values["max-delay"]),
  });
}
