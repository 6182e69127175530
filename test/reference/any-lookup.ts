import { fc } from "@fast-check/vitest";
import * as z from "zod";
import type { Outcome } from "../../local/simulator/chaos.ts";
import type { LookupContent } from "../../local/simulator/lookup-rows.ts";
import type { Random } from "../../local/simulator/random.ts";
import { csv } from "../../shared/csv.ts";
import {
  type Application,
  dynamoTable,
  type Flow,
  type Key,
  type LookupTable,
  lake,
  milliseconds as ms,
  s3File,
  seconds,
} from "../../shared/index.ts";
import { planApplication } from "../../shared/plan/planner.ts";
import type { Row } from "./any-application.ts";

/** A lookup of a generated pipeline. */
export type LookupStep = {
  readonly kind: "lookup";
  readonly table: TableName;
  readonly type: "inner" | "left";
  /** An `n` at which there is no key, one at which it is of another type, and one at which it is of no time. */
  readonly keyless: number;
  readonly odd: number;
  readonly timeless: number;
  /** By whose time the version goes. */
  readonly asOf: "event" | "field" | "function";
};

type Found = { readonly v: number; readonly from?: number | undefined };

const v = z.int();
const from = z.int();
const refresh = seconds(20);

type TableName = "prices" | "rates" | "places" | "grades";

/** In both stores, with versions and without, by texts and by numbers, one read anew for each commit. */
const TABLES: Readonly<Record<TableName, LookupTable<string, Found>>> = {
  prices: dynamoTable("prices", {
    schema: z.object({ k: z.string(), v }),
    key: "k",
    refresh,
    cacheChars: 300,
  }),
  rates: dynamoTable("rates", {
    schema: z.object({ n: z.int(), from, v }),
    key: "n",
    version: "from",
    refresh,
  }),
  places: s3File("places", { schema: z.object({ k: z.string(), v }), key: "k", refresh: ms(0) }),
  grades: s3File("grades", {
    schema: z.object({ n: z.int(), from, v }),
    key: "n",
    version: "from",
    refresh,
    format: csv({ delimiter: ";" }),
  }),
};

const NAMES = Object.keys(TABLES) as TableName[];

const never = 99;
const anyN = fc.oneof({ weight: 2, arbitrary: fc.constant(never) }, fc.nat({ max: 7 }));

export const anyLookup: fc.Arbitrary<LookupStep> = fc.record({
  kind: fc.constant("lookup" as const),
  table: fc.constantFrom(...NAMES),
  type: fc.constantFrom("inner" as const, "left" as const),
  keyless: anyN,
  odd: anyN,
  timeless: anyN,
  asOf: fc.constantFrom("event" as const, "field" as const, "function" as const),
});

/** Before the first event, and a few versions later. */
const START = 1_704_067_200_000;
const ODD = "no number";

type Line = { readonly key: Key; readonly from: number | undefined; readonly v: number | typeof ODD };

/** What a table has at one time; where a line of it is broken, nothing can be said of keys that are not found. */
type Version = { readonly lines: readonly Line[]; readonly isBroken: boolean };

/**
 * What each table has, one after the other: a row more each time, and other values in those that were there. A row does
 * not fit at times, a key has two, or a line is none.
 */
export class Tables {
  readonly #versions: ReadonlyMap<TableName, readonly Version[]>;

  constructor(random: Random) {
    this.#versions = new Map(NAMES.map((name) => [name, anyVersions(name, random)]));
  }

  contents(): Record<string, LookupContent[]> {
    return Object.fromEntries(
      [...this.#versions].map(([name, versions]) => [
        name,
        versions.map((version) => contentOf(name, version)),
      ]),
    );
  }

  /** What the tables that an application looks up have to begin with. */
  firstOf(app: Application): Record<string, LookupContent> {
    const { lookups = [] } = planApplication(app).plan;
    const contents = this.contents();
    return Object.fromEntries(lookups.map(({ name }) => [name, contents[name]?.[0] ?? []]));
  }

  /** What lookups gave that their tables never said of the key at the time. */
  check(steps: readonly { readonly kind: string }[], { lake }: Pick<Outcome, "lake">): string[] {
    return steps.flatMap((step, i) => {
      if (!isLookup(step)) return [];
      const versions = this.#versions.get(step.table) ?? [];
      return (lake(sinkOf(i)) as Looked[]).flatMap((looked) => {
        const said = versions.map((version) => saidBy(version, looked));
        return said.includes(looked.found)
          ? []
          : [`"${step.table}" gave ${JSON.stringify(looked)}, and said ${said.join(", then ")}`];
      });
    });
  }
}

const isLookup = (step: { readonly kind: string }): step is LookupStep => step.kind === "lookup";

function anyVersions(name: TableName, random: Random): Version[] {
  const { version, store } = TABLES[name];
  const isByText = name === "prices" || name === "places";
  const keys: readonly Key[] = isByText ? ["k0", "k1", "k2", "0", "1"] : [0, 1, 2, 3, 5, 6];
  const places = keys
    .filter(() => random.chance(0.8))
    .flatMap((key): Omit<Line, "v">[] =>
      version === undefined
        ? [{ key, from: undefined }]
        : [0, 30, 60, 90].filter(() => random.chance(0.6)).map((since) => ({ key, from: START + since })),
    );
  // of two lines of a file with one key and one version the last counts
  if (store === "s3") places.push(...places.filter(() => random.chance(0.1)));
  const misfit = random.chance(0.3) ? random.below(places.length + 1) : -1;
  const count = 1 + random.below(3);
  return Array.from({ length: count }, (_, nth) => ({
    lines: places
      .slice(0, Math.max(1, places.length - (count - 1 - nth)))
      .map((place, i) => ({ ...place, v: i === misfit ? ODD : 10 * i + nth })),
    isBroken: store === "s3" && random.chance(0.2),
  }));
}

function contentOf(name: TableName, { lines, isBroken }: Version): LookupContent {
  const { key, version, store, format } = TABLES[name];
  const rows = lines.map((line) => ({
    [key]: line.key,
    ...(version === undefined ? {} : { [version]: line.from }),
    v: line.v,
  }));
  if (store === "dynamodb") return rows;
  if (format?.kind === "csv")
    return [
      "n;from;v;note",
      ...(isBroken ? ["1;2"] : []),
      ...rows.map((row) => `${Object.values(row).join(";")};"a ""note"";\nof two lines"`),
    ].join("\r\n");
  return [...rows.map((row) => JSON.stringify(row)), ...(isBroken ? ["no JSON"] : [])].join("\n");
}

/** What a lookup gave, as its sink has it. */
type Looked = {
  /** As JSON: a table of the lake has one type a column. */
  readonly key: string;
  readonly at: number;
  /** The row's version and value; null for none. */
  readonly found: string | null;
};

const textOf = (from: number | undefined, value: number): string => `${from ?? "always"} ${value}`;

const FAILURE = "a failure";

/** By definition: of the key's lines that began at the time or before, the last of the newest. */
function saidBy({ lines, isBroken }: Version, looked: Looked): string | null {
  const key = JSON.parse(looked.key) as Key | null;
  if (key === null) return null;
  const own = lines.filter((line) => line.key === key);
  if (own.length === 0 && isBroken) return FAILURE;
  const [newest] = own
    .filter(({ from = looked.at }) => from <= looked.at)
    .toReversed()
    .sort((a, b) => (b.from ?? 0) - (a.from ?? 0));
  if (newest === undefined) return null;
  return newest.v === ODD ? FAILURE : textOf(newest.from, newest.v);
}

const sinkOf = (i: number): string => `looked_${i}`;

/** Adds what a table has to rows; what was found goes to a sink of its own, too. */
export function lookedUp(flow: Flow<Row>, step: LookupStep, i: number): Flow<Row> {
  const { type, keyless, odd, timeless } = step;
  const table = TABLES[step.table] as unknown as LookupTable<"found", Found>;
  const keyOf = ({ k, n }: Row): Key | null => {
    if (n === keyless) return null;
    const isByText = table.key === "k";
    return (n === odd) === isByText ? n : k;
  };
  const timeOf = ({ t, n }: Row): number => (n === timeless ? Number.NaN : t - 20);
  const asOf =
    table.version === undefined || step.asOf === "event"
      ? {}
      : { asOf: step.asOf === "field" ? ("t" as const) : timeOf };
  const enriched = flow.lookup(table, { id: `lookup_${i}`, key: keyOf, as: "found", type, ...asOf });
  const found = enriched as unknown as Flow<Row & { readonly found: Found | null }>;
  found
    .map(
      (row, { time }): Looked => ({
        key: JSON.stringify(keyOf(row)),
        at: step.asOf === "event" ? time : step.asOf === "field" ? row.t : row.t - 20,
        found: row.found && textOf(row.found.from, row.found.v),
      }),
    )
    .to(lake(sinkOf(i)));
  enriched.failed.to(lake(`unfound_${i}`));
  return found.map(({ found: row, ...others }) => ({ ...others, n: (others.n + (row?.v ?? 3)) % 8 }));
}
