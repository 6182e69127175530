import type { Case } from "../../harness/case.ts";
import type { DynamoDb } from "../client.ts";
import { api } from "../pages.ts";
import { each, type Item, N, outcome, S, type Scene, said, scene } from "../scene.ts";
import { sorted } from "../settled.ts";

const item = (p: number, v: number): Item => ({ pk: S(`p${p}`), v: N(v), note: S(`n${v}`) });

async function fill(t: Scene): Promise<void> {
  await t.putAll(...Array.from({ length: 30 }, (_, i) => item(i % 10, i)));
}

/** Every item that a scan reads, page by page, in the order of their texts. */
async function all(t: Scene, more: object): Promise<readonly unknown[]> {
  const items: unknown[] = [];
  let from: unknown;
  do {
    const page = await t.on("Scan", { ...more, ...(from !== undefined && { ExclusiveStartKey: from }) });
    if (page["refused"] !== undefined) throw new Error(said(page));
    if (Array.isArray(page["Items"])) items.push(...page["Items"]);
    from = page["LastEvaluatedKey"];
  } while (from !== undefined);
  return sorted(items);
}

export const scans: readonly Case<DynamoDb>[] = [
  scene("a scan reads every item once, in pages", "pk:S v:N", async (t) => {
    await fill(t);
    return [await all(t, {}), await all(t, { Limit: 7 })];
  }),
  scene("the segments of a parallel scan are the whole table", "pk:S v:N", async (t) => {
    await fill(t);
    const segments = await Promise.all(
      [0, 1, 2, 3].map((Segment) => all(t, { Segment, TotalSegments: 4, Limit: 3 })),
    );
    return sorted(segments.flat());
  }),
  scene("a scan goes on while the items that it has read are deleted", "pk:S v:N", async (t) => {
    await fill(t);
    let [seen, from]: [number, unknown] = [0, undefined];
    do {
      const page = await t.on("Scan", { Limit: 4, ...(from !== undefined && { ExclusiveStartKey: from }) });
      for (const one of Array.isArray(page["Items"]) ? page["Items"] : [])
        await t.delete({ pk: one.pk, v: one.v });
      seen += Number(page["Count"]);
      from = page["LastEvaluatedKey"];
    } while (from !== undefined);
    return [seen, await t.on("Scan")];
  }),
  scene("a scan filters by any attribute, keys too, and counts both", "pk:S v:N", async (t) => {
    await fill(t);
    const values = { ":one": N(1), ":n": S("n2") };
    return {
      key: await t.on("Scan", {
        FilterExpression: "v = :one",
        ExpressionAttributeValues: { ":one": values[":one"] },
      }),
      counted: await t.on("Scan", {
        FilterExpression: "begins_with(note, :n)",
        ExpressionAttributeValues: { ":n": values[":n"] },
        Select: "COUNT",
      }),
      none: await t.on("Scan", { FilterExpression: "attribute_exists(absent)" }),
    };
  }),
  scene("a segment is one of those that there are", "pk:S", (t) =>
    each(
      {
        "no total": { Segment: 0 },
        "no segment": { TotalSegments: 2 },
        "too high": { Segment: 2, TotalSegments: 2 },
        "no segments": { Segment: 0, TotalSegments: 0 },
        negative: { Segment: -1, TotalSegments: 2 },
        "too many": { Segment: 0, TotalSegments: 1_000_001 },
        "no limit": { Limit: 0 },
      },
      async (more) => outcome(await t.on("Scan", more)),
    ),
  ),
  scene(
    "segments are refused in AWS's words",
    "pk:S",
    (t) =>
      each(
        {
          "no total": { Segment: 0 },
          "no segment": { TotalSegments: 2 },
          "too high": { Segment: 2, TotalSegments: 2 },
        },
        async (more) => said(await t.on("Scan", more)),
      ),
    {
      source: api("Scan"),
      is: {
        "no total":
          "ValidationException: The TotalSegments parameter is required but was not present in the request when Segment parameter is present",
        "no segment":
          "ValidationException: The Segment parameter is required but was not present in the request when parameter TotalSegments is present",
        "too high":
          "ValidationException: The Segment parameter is zero-based and must be less than parameter TotalSegments: Segment: 2 is not less than TotalSegments: 2",
      },
    },
  ),
  scene("a scan's starting key is a key of the table", "pk:S v:N", async (t) => {
    await fill(t);
    return each(
      {
        "no sort key": { pk: S("p1") },
        "one more": { ...item(1, 1) },
        "another type": { pk: S("p1"), v: S("1") },
      },
      async (ExclusiveStartKey) => outcome(await t.on("Scan", { ExclusiveStartKey })),
    );
  }),
];
