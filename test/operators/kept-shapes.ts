import {
  type Flow,
  hopping,
  type KeyedFlow,
  type lake,
  type Match,
  milliseconds as ms,
  type PacedFlow,
  pattern,
  tumbling,
} from "../../shared/index.ts";
import type { Stage } from "../../shared/operators/stage.ts";
import type { Change } from "../../shared/state/change.ts";
import { KeptRow } from "../../shared/state/kept-row.ts";
import { isLeft } from "./join-definitions.ts";
import { type Reading, sourceStage } from "./one-stage.ts";
import { type Code, KEEP, migrateTo, thingIn, versioned } from "./things.ts";

/** The id of the operator that keeps rows. */
export const KEEPER = "keeper";

type Rows = KeyedFlow<string, unknown>;
type Versions = ReturnType<typeof versioned>;
type Read = (row: unknown) => unknown;
type Written = { to(sink: ReturnType<typeof lake>): void };
type Given = { readonly out: Written; readonly late: Written };
/** Rows of two sides, in the shape of a version, to what an operator gives of them. */
type Keeping = (left: Rows, right: Rows, versions: Versions, read: Read) => Given;

type Pairs = Flow<unknown> & { readonly late: Flow<unknown> };
const pairs = (joined: unknown, read: Read): Given => {
  const { late } = joined as Pairs;
  return {
    out: (joined as Pairs).map((row) => {
      const { left, right } = row as { left: unknown; right: unknown };
      return `${left === null ? left : read(left)} ${right === null ? right : read(right)}`;
    }),
    late: late.map((one) => {
      const { side, row } = one as { side: string; row: unknown };
      return `${side} ${read(row)}`;
    }),
  };
};

const alone = (paced: PacedFlow<string, unknown>, read: Read): Given => ({
  out: paced.map((row) => `${read(row)}`),
  late: paced.late.map((row) => `${read(row)}`),
});

const within = { from: ms(-15), to: ms(20) };
const keepings: Readonly<Record<string, Keeping>> = {
  "an interval join": (left, right, v, read) =>
    pairs(left.join(right, { id: KEEPER, within, type: "left", kept: { left: v, right: v } }), read),
  "an interval join whose end depends on the row": (left, right, v, read) => {
    const to = (row: unknown) => ms(10 + 5 * String(read(row)).length);
    const kept = { left: v, right: v };
    return pairs(left.join(right, { id: KEEPER, within: { from: ms(-15), to }, grace: ms(9), kept }), read);
  },
  "a join of all rows of a key": (left, right, v, read) =>
    pairs(left.join(right, { id: KEEPER, ttl: ms(25), kept: { left: v, right: v } }), read),
  "a window join": (left, right, v, read) => {
    const window = hopping(ms(25), ms(10));
    return pairs(left.join(right, { id: KEEPER, window, type: "full", kept: { left: v, right: v } }), read);
  },
  "an anti join": (left, right, v, read) => {
    const joined = left.join(right, {
      id: KEEPER,
      window: tumbling(ms(20)),
      type: "anti",
      kept: { left: v },
    });
    return { out: joined.map((row) => `${read(row)}`), late: joined.late.map(({ side }) => side) };
  },
  "a temporal join": (left, right, v, read) =>
    pairs(
      left.temporalJoin(right, { id: KEEPER, type: "left", ttl: ms(40), kept: { left: v, right: v } }),
      read,
    ),
  "a pattern": (left, right, kept, read) => {
    const n = (row: unknown): number => Number(String(read(row)).slice(1));
    const rising = pattern<unknown>()
      .begin("first", (row) => n(row) % 2 === 0)
      .followedBy("more", (row, { first, more }) => n(row) > n([...first, ...more].at(-1)))
      .times(1, 2)
      .followedBy("last", (row, { more }) => n(row) > n(more.at(-1)))
      .within(ms(30));
    const found = left.union(right).match(rising, { id: KEEPER, skip: "skipToNext", kept });
    const text = ({ match, start, end }: Match<string, unknown, "first" | "more" | "last">): string =>
      `${start} to ${end}: ${Object.entries(match).map(([name, rows]) => [name, ...rows.map(read)])}`;
    return { out: found.map(text), late: found.timeouts.map(text) };
  },
  "a debounce": (left, right, kept, read) =>
    alone(left.union(right).debounce({ id: KEEPER, quiet: ms(9), kept }), read),
  "a sample": (left, right, kept, read) =>
    alone(left.union(right).sample({ id: KEEPER, every: ms(20), take: "first", kept }), read),
  "a batch": (left, right, kept, read) => {
    const batches = left.union(right).batch({ id: KEEPER, size: 4, within: ms(25), kept });
    return { out: batches.map(({ values }) => `${values.map(read)}`), late: batches.filter(() => false) };
  },
};

/** Readings as rows of a version: their ids, each kept in its way. */
const sides = (readings: Flow<Reading>, keep: Read): readonly [left: Rows, right: Rows] => {
  const side = (of: (reading: Reading) => boolean): Rows =>
    readings
      .keyBy("k")
      .filter(of)
      .map(({ id }) => keep(id));
  return [side(isLeft), side((reading) => !isLeft(reading))];
};

const stageOf =
  (keeping: Keeping) =>
  (code: Code): Stage =>
    sourceStage(
      (readings) => {
        const [left, right] = sides(readings, KEEP[code.version] as Read);
        return keeping(left, right, versioned(code), (row) => thingIn(row, code.version));
      },
      { outOfOrder: 12 },
    );

/** Stages whose operator, `KEEPER`, keeps rows that have a shape in each of the versions 1 to 3. */
export const keptShapes: Readonly<Record<string, (code: Code) => Stage>> = Object.fromEntries(
  Object.entries(keepings).map(([name, keeping]) => [name, stageOf(keeping)]),
);

/** A kept row in the version of the code; one that this cannot read stays as it is. */
function freshRow(kept: unknown, code: Code): unknown {
  const { version: from, value } = kept instanceof KeptRow ? kept : { version: 1, value: kept };
  if (value === null || from === code.version) return kept;
  try {
    return new KeptRow(code.version, migrateTo(code)(value, from));
  } catch {
    return kept;
  }
}

/** A change of what keeps rows, with all of them in the version of the code. */
export function rowsMigrated(change: Change, code: Code): Change {
  const [id, kind, key, ...content] = change;
  const rowAt = (tuple: readonly unknown[], at: number): unknown[] =>
    tuple.with(at, freshRow(tuple[at], code));
  if (content.length > 1) return [id, kind, key, ...rowAt(content, 4)];
  const [state] = content as [Pattern | Batch | readonly unknown[][]];
  if ("waiting" in state) {
    const { waiting, matcher } = state;
    const taken = matcher.taken.map((one) => rowAt(one, 2));
    return [id, kind, key, { waiting: waiting.map((one) => rowAt(one, 1)), matcher: { ...matcher, taken } }];
  }
  if ("values" in state && "until" in state)
    return [id, kind, key, { ...state, values: state.values.map((row) => freshRow(row, code)) }];
  return [id, kind, key, (state as readonly unknown[][]).map((one) => rowAt(one, 2))];
}

type Pattern = {
  readonly waiting: readonly unknown[][];
  readonly matcher: { readonly taken: readonly unknown[][] };
};
type Batch = { readonly until: number; readonly values: readonly unknown[] };
