import { expect, test } from "vitest";
import { z } from "zod";
import { csv } from "../../shared/csv.ts";
import {
  application,
  count,
  type DurationMs,
  dynamoTable,
  type Flow,
  hours,
  lake,
  pipeline,
  s3File,
  stream,
  tumbling,
  view,
} from "../../shared/index.ts";
import { planApplication } from "../../shared/plan/planner.ts";
import { type Flight, flights } from "./flights-app.ts";

type Made = Pick<Flow<unknown>, "to">;
const planOf = (make: (flow: Flow<Flight>) => Made) =>
  planApplication(
    application("app", {
      streams: [flights],
      pipelines: [pipeline("p", (p) => make(p.from(flights) as Flow<Flight>).to(lake("out")))],
    }),
  );

const schema = z.object({ code: z.string(), nr: z.int(), since: z.int(), open: z.boolean() });
const airports = dynamoTable("airports", { schema, key: "code" });
const numbered = dynamoTable("numbered", { schema, key: "nr" });
const versions = s3File("versions", { schema, key: "code", version: "since" });

const id = "find";
type Refusal = [string, (flow: Flow<Flight>) => Made, string, string];

test.each<Refusal>([
  [
    "of no table",
    (f) => f.lookup({} as never, { id, key: "dest" }),
    "PLAN_LOOKUP",
    "neither a dynamoTable nor an s3File",
  ],
  [
    "of a table without a name",
    (f) => f.lookup(dynamoTable("Air Ports", { schema, key: "code" }), { id, key: "dest" }),
    "PLAN_NAME",
    '"Air Ports" is no name',
  ],
  [
    "of a type that there is not",
    (f) => f.lookup(airports, { id, key: "dest", type: "full" as never }),
    "PLAN_OPTION",
    'its type must be inner or left, not "full"',
  ],
  ...["", ",,", '"', "\n"].map(
    (delimiter): Refusal => [
      `of CSV between whose fields is ${JSON.stringify(delimiter)}`,
      (f) =>
        f.lookup(s3File("rows", { schema, key: "code", format: csv({ delimiter }) }), { id, key: "dest" }),
      "PLAN_OPTION",
      'the delimiter of "rows" must be one character',
    ],
  ),
  [
    "of a file in a format that is none",
    (f) => f.lookup(s3File("rows", { schema, key: "code", format: "csv" as never }), { id, key: "dest" }),
    "PLAN_OPTION",
    'the format of "rows" is none: use csv(), or leave it out',
  ],
  [
    "without a key",
    (f) => f.lookup(airports, { id } as never),
    "PLAN_OPTION",
    "`key` must name a field, or be a function",
  ],
  [
    "by a field that is not there",
    (f) => f.lookup(airports, { id, key: "gate" as never }),
    "PLAN_LOOKUP",
    'its key "gate" is no field of stream "flights"',
  ],
  [
    "by a text where the table has numbers",
    (f) => f.lookup(numbered, { id, key: "dest" }),
    "PLAN_LOOKUP",
    'its key "dest" is string, and "nr" of "numbered" number',
  ],
  [
    "into no field",
    (f) => f.lookup(airports, { id, key: "dest", as: "__proto__" }),
    "PLAN_OPTION",
    '"__proto__" can be no field',
  ],
  [
    "as of a time, where there are no versions",
    (f) => f.lookup(airports, { id, key: "dest", asOf: () => 0 }),
    "PLAN_LOOKUP",
    '"airports" has no versions',
  ],
  [
    "of keys that are none",
    (f) => f.lookup(s3File("open", { schema, key: "open" as never }), { id, key: "dest" }),
    "PLAN_LOOKUP",
    '"open" of "open" is boolean in its schema',
  ],
  [
    "refreshed in less than no time",
    (f) => f.lookup(s3File("old", { schema, key: "code", refresh: -1 as DurationMs }), { id, key: "dest" }),
    "PLAN_DURATION",
    'refresh of "old" must be at least 0 whole milliseconds',
  ],
  [
    "with half a character of memory",
    (f) => f.lookup(dynamoTable("half", { schema, key: "code", cacheChars: 0.5 }), { id, key: "dest" }),
    "PLAN_OPTION",
    "cacheChars must be a whole number from 0",
  ],
  [
    "of two tables of one name",
    (f) =>
      f
        .lookup(airports, { id, key: "dest" })
        .lookup(dynamoTable("airports", { schema, key: "code" }), { id: "again", key: "dest", as: "b" }),
    "PLAN_ID_DUPLICATE",
    'two lookup tables are called "airports"',
  ],
])("a lookup %s is refused", (_, make, code, sentence) => {
  expect(() => planOf(make)).toThrow(
    expect.objectContaining({ code, message: expect.stringContaining(sentence) }),
  );
});

test("a lookup of versions needs event time, unless it says as of when", () => {
  const untimed = stream("untimed", { schema: z.object({ code: z.string(), at: z.int() }), key: "code" });
  const plan = (asOf?: "at") =>
    planApplication(
      application("app", {
        streams: [untimed],
        pipelines: [
          pipeline("p", (p) =>
            p
              .from(untimed)
              .lookup(versions, { key: "code", ...(asOf === undefined ? {} : { asOf }) })
              .to(lake("out")),
          ),
        ],
      }),
    );
  expect(() => plan()).toThrow(expect.objectContaining({ code: "PLAN_NO_EVENT_TIME" }));
  expect(() => plan("at")).not.toThrow();
});

test("a plan says which stages look up which tables, and what a lookup does", () => {
  const { plan } = planOf((f) =>
    f
      .lookup(airports, { key: "dest", as: "to" })
      .lookup(versions, { id, key: "dest", as: "then", type: "left" })
      .keyBy(({ dest }) => dest),
  );
  expect(plan.lookups).toEqual([
    {
      name: "airports",
      store: "dynamodb",
      key: "code",
      version: null,
      refreshMs: 300_000,
      stages: ["p.flights"],
    },
    {
      name: "versions",
      store: "s3",
      key: "code",
      version: "since",
      refreshMs: 300_000,
      stages: ["p.flights"],
    },
  ]);
  const details = plan.pipelines[0]?.stages[0]?.operators.flatMap(({ kind, detail }) =>
    kind === "lookup" ? [detail] : [],
  );
  expect(details).toEqual([
    "dynamodb airports, by dest, inner, refreshed each 5 min",
    "s3 versions, by dest, left, as of event time, refreshed each 5 min",
  ]);
  expect(planOf((f) => f.filter(() => true)).plan).not.toHaveProperty("lookups");
});

test("a lookup costs no shuffle, unless its row takes the place of the field that is the key", () => {
  const stages = (as: string) => {
    const { plan } = planApplication(
      application("app", {
        streams: [flights],
        pipelines: [
          pipeline("p", (p) => {
            p.from(flights)
              .lookup(airports, { key: "dest", as })
              .keyBy("origin" as never)
              .window(tumbling(hours(1)), { id: "hourly" })
              .aggregate({ flights: count() })
              .to(view("hours", { key: ({ key }) => key }));
          }),
        ],
      }),
    );
    return plan.pipelines[0]?.stages.map((stage) => stage.id);
  };
  expect(stages("to")).toEqual(["p.flights"]);
  expect(stages("origin")).toEqual(["p.flights", "p.hourly"]);
});
