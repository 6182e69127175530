import type { Stream } from "../../shared/events/stream.ts";
import { createPartitioner } from "../../shared/frames/partitioner.ts";
import { readAccessLog } from "../feed/access-log.ts";
import { readFlights } from "../feed/flights.ts";
import { readSensors } from "../feed/sensors.ts";
import type { SampleName } from "./sample-names.ts";

/** The events of each sample, in the order in which they happened. */
export const SAMPLES: Readonly<Record<SampleName, () => Promise<readonly object[]>>> = {
  flights: readFlights,
  "access-log": readAccessLog,
  sensors: readSensors,
};

/** A lane for each partition: events of one partition share a watermark, so that their order matters. */
export function laneOf({ key, partitions }: Stream<unknown>): (event: object) => number {
  const partitionOf = createPartitioner(partitions);
  const keyOf = typeof key === "function" ? key : (event: unknown) => (event as Record<string, never>)[key];
  return (event) => partitionOf(keyOf(event) ?? "");
}
