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
import type { Row } from "./rows.ts";

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

type TableRow = { readonly v: number; readonly from?: number | undefined };

const v = z.int();
const from = z.int();
const refresh = seconds(20);

type TableName = "prices" | "rates" | "places" | "grades";

/** In both stores, with versions and without, by texts and by numbers, one read anew for each commit. */
const TABLES: Readonly<Record<TableName, LookupTable<string, TableRow>>> = {
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

  /** What lookups gave that their tables never said of the key at the time, and what they kept to themselves. */
  check(steps: readonly { readonly kind: string }[], { lake }: Pick<Outcome, "lake">): string[] {
    return steps.flatMap((step, i) => {
      if (!isLookup(step)) return [];
      const versions = this.#versions.get(step.table) ?? [];
      const saidOf = (asked: Asked) => versions.map((version) => saidBy(version, asked));
      const found = lake(`found_${i}`) as Found[];
      const asked = lake(`asked_${i}`) as Asked[];
      const wrong = found.filter((one) => !saidOf(one).includes(one.found));
      const sure = asked.filter((one) => saidOf(one).every((said) => said !== null && said !== FAILURE));
      const lost = sure.filter((one) => countOf(found, one) !== countOf(asked, one));
      return [
        ...wrong.map((one) => `gave ${JSON.stringify(one)}, and said ${saidOf(one).join(", then ")}`),
        ...lost.map((one) => `did not give ${JSON.stringify(one)}, and said ${saidOf(one).join(", then ")}`),
      ].map((sentence) => `"${step.table}" ${sentence}`);
    });
  }
}

const countOf = (all: readonly Asked[], { id, key, at }: Asked): number =>
  all.filter((one) => one.id === id && one.key === key && one.at === at).length;

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
        : Array.from({ length: 22 }, (_, nth) => ({ key, from: START + 10 * nth - 40 })).filter(() =>
            random.chance(0.4),
          ),
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

/** What goes to a lookup, as a sink has it. */
type Asked = {
  readonly id: string;
  /** As JSON: a table of the lake has one type a column. */
  readonly key: string;
  /** Null where that is no time. */
  readonly at: number | null;
};

/** What comes of it: the row's version and value, or null for none. */
type Found = Asked & { readonly found: string | null };

const textOf = (from: number | undefined, value: number): string => `${from ?? "always"} ${value}`;

const FAILURE = "a failure";

/** By definition: of the key's lines that began at the time or before, the last of the newest. */
function saidBy({ lines, isBroken }: Version, asked: Asked): string | null {
  const key = JSON.parse(asked.key) as Key | null;
  const { at } = asked;
  if (key === null) return null;
  if (at === null) return FAILURE;
  const own = lines.filter((line) => line.key === key);
  if (own.length === 0 && isBroken) return FAILURE;
  const [newest] = own
    .filter(({ from = at }) => from <= at)
    .toReversed()
    .sort((a, b) => (b.from ?? 0) - (a.from ?? 0));
  if (newest === undefined) return null;
  return newest.v === ODD ? FAILURE : textOf(newest.from, newest.v);
}

/** Adds what a table has to rows; what was asked and what was found go to sinks of their own, too. */
export function lookedUp(flow: Flow<Row>, step: LookupStep, i: number): Flow<Row> {
  const { type, keyless, odd, timeless } = step;
  const table = TABLES[step.table] as unknown as LookupTable<"found", TableRow>;
  const keyOf = ({ k, n }: Row): Key | null => {
    if (n === keyless) return null;
    const isByText = table.key === "k";
    return (n === odd) === isByText ? n : k;
  };
  const timeOf = ({ t, n }: Row): number => (n === timeless ? Number.NaN : t - 20);
  const asOf: { readonly asOf?: "t" | typeof timeOf } =
    table.version === undefined || step.asOf === "event"
      ? {}
      : { asOf: step.asOf === "field" ? ("t" as const) : timeOf };
  const asked = (row: Row, { time }: { readonly time: number }): Asked => {
    const at = "asOf" in asOf ? (step.asOf === "field" ? row.t : timeOf(row)) : time;
    return { id: row.id, key: JSON.stringify(keyOf(row)), at: Number.isNaN(at) ? null : at };
  };
  flow.map(asked).to(lake(`asked_${i}`));
  const enriched = flow.lookup(table, { id: `lookup_${i}`, key: keyOf, as: "found", type, ...asOf });
  enriched.failed.to(lake(`unfound_${i}`));
  const found = enriched as unknown as Flow<Row & { readonly found: TableRow | null }>;
  found
    .map(
      (row, info): Found => ({
        ...asked(row, info),
        found: row.found && textOf(row.found.from, row.found.v),
      }),
    )
    .to(lake(`found_${i}`));
  return found.map(({ found: row, ...others }) => ({ ...others, n: (others.n + (row?.v ?? 3)) % 8 }));
}
