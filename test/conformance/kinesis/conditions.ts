import { type DurationMs, milliseconds } from "../../../shared/time/time.ts";

/** How long every party's streams and consumers are CREATING, UPDATING and DELETING. */
export const TRANSITION: DurationMs = milliseconds(500);
/** The open shards that every party allows. */
export const SHARD_LIMIT = 1_000;
/** The streams on demand that every party allows, as AWS does. */
export const ON_DEMAND_LIMIT = 50;
