import type { FilePlace, LookupPlaces, TablePlace } from "../../functions/aws/lookups/lookup-calls.ts";
import { MillraceError, messageOf } from "../../shared/errors/millrace-error.ts";
import type { Cloud } from "../cloud.ts";
import { itemOf, type LookupContent } from "../simulator/lookup-rows.ts";

/** Where the tables and files are that functions look up, as these are told, by the names that pipelines use. */
export const lookedUpIn = ({ lambda }: Pick<Cloud, "lambda">): ReadonlyMap<string, TablePlace | FilePlace> =>
  new Map(
    lambda
      .functionNames()
      .map((name) => lambda.configOf(name).environment["MILLRACE_LOOKUPS"] ?? "{}")
      .flatMap((text) => Object.entries(JSON.parse(text) as LookupPlaces)),
  );

/**
 * Writes tables and files where functions look them up.
 * @param contents - by the names that pipelines use
 * @throws MillraceError `RUN_INPUT` for a table that no function looks up, one that the cloud does not have, or a row that
 *   it does not take
 */
export function fillLookups(
  cloud: Pick<Cloud, "lambda" | "dynamodb" | "s3">,
  contents: Readonly<Record<string, LookupContent>>,
): void {
  const places = lookedUpIn(cloud);
  for (const [name, content] of Object.entries(contents))
    try {
      fill(cloud, places.get(name), content);
    } catch (cause) {
      const sentence = `--lookup ${name}=…: ${messageOf(cause)}`;
      throw new MillraceError("RUN_INPUT", sentence, { next: "refused", cause });
    }
}

function fill(
  { dynamodb, s3 }: Pick<Cloud, "dynamodb" | "s3">,
  place: TablePlace | FilePlace | undefined,
  content: LookupContent,
): void {
  if (place === undefined) throw new Error("no function looks it up");
  if (typeof content === "string") {
    if (!("bucket" in place)) throw new Error("it is a table");
    s3.putObject({ Bucket: place.bucket, Key: place.key, Body: new TextEncoder().encode(content) });
    return;
  }
  if (!("table" in place)) throw new Error("it is a file");
  for (const row of content) dynamodb.putItem({ TableName: place.table, Item: itemOf(row) });
}
