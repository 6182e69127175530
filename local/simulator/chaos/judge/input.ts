import type { FailedEvent } from "../../../../shared/events/event.ts";
import { decodeFrame } from "../../../../shared/frames/decode.ts";
import type { WireRow } from "../../../../shared/frames/frame.ts";
import type { Stage } from "../../../../shared/operators/stage.ts";
import { failedEvents } from "../../read-back.ts";
import type { World } from "../world.ts";
import { combinedFor, eventsIn } from "./combined.ts";

/**
 * Every event and row that stands in a stream was folded once by every stage that reads the stream, as their own
 * counters have it; and every record that nobody can read is one failed event of each.
 */
export function wrongInInput(world: World): string[] {
  const broken: string[] = [];
  for (const stage of world.planned.stages.values()) {
    const sent = sentTo(world, stage);
    for (const [partition, expected] of sent.entries()) {
      const counted = world.ledger.log(stage.id, partition).at(-1)?.counts["input"] ?? 0;
      if (counted !== expected)
        broken.push(
          `stage "${stage.id}", partition ${partition}: ${expected} events were sent, and ${counted} folded`,
        );
    }
    const unreadable = [...world.planted.values()].filter((stream) => stream === streamOf(stage)).length;
    const refused = failedEvents(world.services).filter(
      (event) => event.stage === stage.id && isPlanted(event),
    ).length;
    if (refused !== unreadable)
      broken.push(
        `stage "${stage.id}": ${unreadable} records cannot be read, and ${refused} are failed events`,
      );
  }
  return broken;
}

const UNREADABLE: ReadonlySet<string> = new Set([
  "FRAME_UNKNOWN",
  "FRAME_TOO_LARGE",
  "EVENT_MISPLACED",
  "TypeError",
  "SyntaxError",
]);

/** Whether a failed event is a record that was planted, not one of the application's own events. */
export const isPlanted = ({ operator, stage, error }: FailedEvent): boolean =>
  operator === stage && (UNREADABLE.has(error.code) || UNREADABLE.has(error.name));

/** By partition: events, or what rows of distinct frames stand for, in the stream. */
function sentTo(world: World, stage: Stage): number[] {
  const isCombined = combinedFor(world.planned.stages.values()).has(stage.id);
  const standFor = (rows: readonly WireRow[]): number =>
    rows.reduce((n, row) => n + ((isCombined ? eventsIn(row) : undefined) ?? 1), 0);
  const sent = Array.from({ length: stage.partitions }, () => 0);
  const seen = new Set<string>();
  for (const { records } of world.shards.of(streamOf(stage)))
    for (const { Data } of records) {
      if (world.planted.has(Data)) continue;
      const frame = decodeFrame(Data, world.plain.compression);
      if (frame?.kind === "events")
        sent[frame.partition] = (sent[frame.partition] ?? 0) + frame.events.length;
      if (frame?.kind !== "rows") continue;
      const name = `${frame.stage}/${frame.from}/${frame.to}/${frame.counter}`;
      if (!seen.has(name)) sent[frame.to] = (sent[frame.to] ?? 0) + standFor(frame.rows);
      seen.add(name);
    }
  return sent;
}

const streamOf = ({ id, input }: Stage): string => (input.kind === "source" ? input.stream : id);
