import type { EpochMs } from "../../shared/time/time.ts";
import type { KinesisCheckpoint } from "./kinesis-checkpoint.ts";

/** How far the sources of an earlier process had got, by their ids, where its data were kept. */
export type Progress = {
  checkpointOf(mappingId: string): KinesisCheckpoint | undefined;
  lastTickOf(scheduleId: string): EpochMs | undefined;
};
