import { ServiceError } from "../service-error.ts";
import type { CreateStreamInput } from "./kinesis-api.ts";
import type { StreamOptions } from "./stream.ts";

/** Enough for the 4 MB a second that AWS gives a new stream on demand. */
const ON_DEMAND_SHARDS = 4;
const MAX_RECORD_KIB = 1_024;
const RETENTION_HOURS = { least: 24, most: 8_760 } as const;

/** What a CreateStream asks for, with AWS's defaults. Throws InvalidArgumentException. */
export function newStream(
  input: CreateStreamInput,
): Pick<StreamOptions, "name" | "mode" | "shardCount" | "retentionHours" | "maxRecordKiB"> {
  const { StreamName: name, RetentionPeriodHours: retentionHours = RETENTION_HOURS.least } = input;
  const mode = input.StreamModeDetails?.StreamMode ?? "PROVISIONED";
  const shardCount = input.ShardCount ?? (mode === "ON_DEMAND" ? ON_DEMAND_SHARDS : undefined);
  if (shardCount === undefined)
    throw new ServiceError("InvalidArgumentException", "A stream in PROVISIONED mode needs a ShardCount.");
  checkRetention(retentionHours);
  return { name, mode, shardCount, retentionHours, maxRecordKiB: input.MaxRecordSizeInKiB ?? MAX_RECORD_KIB };
}

/** Throws InvalidArgumentException for a retention that no stream has. */
export function checkRetention(hours: number): void {
  const { least, most } = RETENTION_HOURS;
  if (hours < least || hours > most)
    throw new ServiceError(
      "InvalidArgumentException",
      `Records are kept for ${least} to ${most} hours, not for ${hours}.`,
    );
}
