import type { Stream } from "../../shared/events/stream.ts";
import { createPartitioner } from "../../shared/frames/partitioner.ts";
import { readAccessLog } from "../feed/access-log.ts";
import { readFlights } from "../feed/flights.ts";
import { readSensors } from "../feed/sensors.ts";
import type { SampleName } from "./sample-names.ts";

/** The first events of each sample, in the order in which they happened; without a limit all. */
export const SAMPLES: Readonly<Record<SampleName, (limit?: number) => Promise<readonly object[]>>> = {
  flights: (limit) => readFlights({ limit }),
  "access-log": async (limit) => (await readAccessLog()).slice(0, limit),
  sensors: async (limit) => (await readSensors()).slice(0, limit),
};

/** A lane for each partition: events of one partition share a watermark, so that their order matters. */
export function laneOf({ key, partitions }: Stream<unknown>): (event: object) => number {
  const partitionOf = createPartitioner(partitions);
  const keyOf = typeof key === "function" ? key : (event: unknown) => (event as Record<string, never>)[key];
  return (event) => partitionOf(keyOf(event) ?? "");
}
