import type { EpochMs } from "../../../shared/time/time.ts";
import type { Item } from "./attribute-value.ts";
import type { TimeToLive } from "./dynamodb-api.ts";

/** Whether an item's time to live is over: its TTL attribute is a number of seconds that have passed. */
export function isExpired(item: Item, timeToLive: TimeToLive | undefined, now: EpochMs): boolean {
  if (timeToLive?.Enabled !== true || !Object.hasOwn(item, timeToLive.AttributeName)) return false;
  const expiresAt = item[timeToLive.AttributeName];
  return expiresAt !== undefined && "N" in expiresAt && Number(expiresAt.N) * 1_000 <= now;
}
