import type { EpochMs } from "../../../shared/time/time.ts";
import type { Item } from "./attribute-value.ts";
import type { TimeToLive } from "./dynamodb-api.ts";
import { validation } from "./validation.ts";

/** What expired longer ago is taken for a mistake: "Using time to live (TTL)", Amazon DynamoDB Developer Guide. */
const OLDEST_MS = 5 * 365 * 86_400_000;

/** Whether an item's time to live is over: its TTL attribute is a number of seconds that passed in the last 5 years. */
export function isExpired(item: Item, timeToLive: TimeToLive | undefined, now: EpochMs): boolean {
  if (timeToLive?.Enabled !== true || !Object.hasOwn(item, timeToLive.AttributeName)) return false;
  const expiresAt = item[timeToLive.AttributeName];
  if (expiresAt === undefined || !("N" in expiresAt)) return false;
  const age = now - Number(expiresAt.N) * 1_000;
  return age >= 0 && age < OLDEST_MS;
}

/** Checks that an UpdateTimeToLive changes something. Throws ValidationException. */
export function checkChange(old: TimeToLive | undefined, next: TimeToLive): void {
  if (old?.Enabled === true && next.AttributeName !== old.AttributeName)
    throw validation(
      `TimeToLive is active on a different AttributeName: current AttributeName is ${old.AttributeName}`,
    );
  if ((old?.Enabled ?? false) === next.Enabled)
    throw validation(`TimeToLive is already ${next.Enabled ? "enabled" : "disabled"}`);
}
