import type { QueryInput, ScanInput } from "./dynamodb-api.ts";
import { validation } from "./validation.ts";

const MAX_SEGMENTS = 1_000_000;

/** Checks that Select goes together with the projection and the index. Throws ValidationException. */
export function checkSelect({
  Select,
  ProjectionExpression,
  IndexName,
  Limit,
}: QueryInput | ScanInput): void {
  if (Limit !== undefined && !(Number.isSafeInteger(Limit) && Limit >= 1))
    throw validation(
      `1 validation error detected: Value '${Limit}' at 'limit' failed to satisfy constraint: ` +
        "Member must have value greater than or equal to 1",
    );
  if (Select === "SPECIFIC_ATTRIBUTES" && ProjectionExpression === undefined)
    throw validation(
      "Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES",
    );
  if (ProjectionExpression !== undefined && Select !== undefined && Select !== "SPECIFIC_ATTRIBUTES")
    throw validation(
      "Cannot specify the ProjectionExpression when choosing to get " +
        (Select === "COUNT" ? "only the Count" : Select),
    );
  if (Select === "ALL_PROJECTED_ATTRIBUTES" && IndexName === undefined)
    throw validation("ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName");
}

/** Checks which part of a parallel scan is asked for. Throws ValidationException. */
export function checkSegment({ Segment: segment, TotalSegments: segments }: ScanInput): void {
  if (segment === undefined && segments === undefined) return;
  if (segments === undefined)
    throw validation(
      "The TotalSegments parameter is required but was not present in the request when Segment parameter is present",
    );
  if (segment === undefined)
    throw validation(
      "The Segment parameter is required but was not present in the request when parameter TotalSegments is present",
    );
  if (!(segments >= 1 && segments <= MAX_SEGMENTS && segment >= 0))
    throw validation(`TotalSegments must be 1 to ${MAX_SEGMENTS}, and Segment must not be negative`);
  if (segment >= segments)
    throw validation(
      "The Segment parameter is zero-based and must be less than parameter TotalSegments: " +
        `Segment: ${segment} is not less than TotalSegments: ${segments}`,
    );
}
