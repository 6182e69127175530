import { type EpochMs, epochMs, plus, seconds } from "../../shared/time/time.ts";
import { forEachRow, samplePath } from "./sample.ts";

/** What one wireless sensor measured at one moment. */
export type SensorEvent = {
  /** Mote and reading: `mote-1-4690`. */
  readonly id: string;
  readonly mote: number;
  /** Counts a mote's readings from 1. */
  readonly reading: number;
  /** Event time. */
  readonly time: EpochMs;
  readonly indoor: boolean;
  /** Per cent. */
  readonly humidity: number;
  /** Degrees Celsius. */
  readonly temperature: number;
  /** Labelled as such by those who published the data. */
  readonly anomaly: boolean;
};

type Column = "reading" | "mote_id" | "indoor" | "humidity" | "temperature" | "label";

/** 2010-01-01T00:00:00Z. The publication gives no clock times: a start of our own choice. */
const START: EpochMs = epochMs(1_262_304_000_000);
const SECONDS_BETWEEN = 5;

/** Reads the sensors' measurements in the order of time, motes of one moment by number. */
export async function readSensors(path: string = samplePath("sensors.csv.gz")): Promise<SensorEvent[]> {
  const events: SensorEvent[] = [];
  await forEachRow<Column>(path, (row) => {
    const reading = Number(row.reading);
    events.push({
      id: `mote-${row.mote_id}-${reading}`,
      mote: Number(row.mote_id),
      reading,
      time: plus(START, seconds((reading - 1) * SECONDS_BETWEEN)),
      indoor: row.indoor === "1",
      humidity: Number(row.humidity),
      temperature: Number(row.temperature),
      anomaly: row.label === "1",
    });
  });
  return events.sort((a, b) => a.time - b.time || a.mote - b.mote);
}
