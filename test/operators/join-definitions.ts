import type { JoinType } from "../../shared/operators/join-spec.ts";
import type { Reading } from "./one-stage.ts";

/**
 * What joins give, by definition: every row is compared with all that ever came, and nothing is forgotten. Slow, and
 * apart from the engine on purpose.
 */
export type Given = {
  readonly key: string;
  readonly left: string | null;
  readonly right: string | null;
  /** Event time of the result. */
  readonly time: number;
  readonly start?: number;
};
export type Defined = { readonly steps: readonly (readonly Given[])[]; readonly late: readonly string[] };

type Arrival = Reading & { readonly nth: number };
type Result = Given & { readonly order: readonly (number | string)[] };

export const isLeft = ({ n }: Reading): boolean => n < 4;

/** Walks the rows and their watermark: what each row gives at once, and what the watermark then sets free. */
function walk(
  readings: readonly Reading[],
  outOfOrder: number,
  isLate: (row: Arrival, watermark: number) => boolean,
  take: (row: Arrival, before: readonly Arrival[], watermark: number) => readonly Given[],
  free: (kept: readonly Arrival[], from: number, to: number) => readonly Result[],
): Defined {
  let watermark = -Infinity;
  const kept: Arrival[] = [];
  const late: string[] = [];
  const step = (given: readonly Given[], to: number): Given[] => {
    const freed = to > watermark ? free(kept, watermark, to) : [];
    watermark = Math.max(watermark, to);
    return [...given, ...freed.toSorted(inOrder).map(({ order: _, ...rest }) => rest)];
  };
  const steps = readings.map((reading, nth) => {
    const row = { ...reading, nth };
    if (isLate(row, watermark)) {
      late.push(`${isLeft(row) ? "left" : "right"} ${row.id}`);
      return step([], row.t - outOfOrder);
    }
    const given = take(row, kept, watermark);
    kept.push(row);
    return step(given, row.t - outOfOrder);
  });
  return { steps: [...steps, step([], Infinity)], late };
}

const inOrder = (a: Result, b: Result): number => {
  const at = a.order.findIndex((part, i) => part !== b.order[i]);
  const [x, y] = [a.order[at], b.order[at]];
  if (x === undefined || y === undefined) return 0;
  return x < y ? -1 : 1;
};
const byTime = (a: Arrival, b: Arrival): number => a.t - b.t || a.nth - b.nth;

export type Interval = {
  readonly type: "inner" | "left";
  readonly from: number;
  readonly to: number | ((left: Reading) => number);
  readonly grace: number;
  readonly outOfOrder: number;
};

export function intervalJoin(rules: Interval, readings: readonly Reading[]): Defined {
  const { type, from, to, grace, outOfOrder } = rules;
  const endOf = (left: Reading): number => left.t + (typeof to === "number" ? to : to(left));
  const meet = (left: Reading, right: Reading): boolean =>
    left.k === right.k && right.t >= left.t + from && right.t < endOf(left);
  const alone = (left: Reading, time: number): Given => ({ key: left.k, left: left.id, right: null, time });
  return walk(
    readings,
    outOfOrder,
    ({ t }, watermark) => t < watermark - grace,
    (row, before, watermark) => {
      const partners = before
        .filter((other) => isLeft(other) !== isLeft(row))
        .filter((other) => (isLeft(row) ? meet(row, other) : meet(other, row)))
        .toSorted(byTime);
      const pairs = partners.map((other) => {
        const [left, right] = isLeft(row) ? [row, other] : [other, row];
        return { key: row.k, left: left.id, right: right.id, time: Math.max(left.t, right.t) };
      });
      const over = isLeft(row) && endOf(row) <= watermark - grace;
      return type === "left" && over && pairs.length === 0 ? [alone(row, row.t)] : pairs;
    },
    (kept, before, now) =>
      kept.filter(isLeft).flatMap((left): Result[] => {
        const freeAt = endOf(left) + grace;
        if (type === "inner" || freeAt <= before || freeAt > now) return [];
        if (kept.some((right) => !isLeft(right) && meet(left, right))) return [];
        return [{ ...alone(left, Math.max(left.t, freeAt - 1)), order: [freeAt, left.k, left.t, left.nth] }];
      }),
  );
}

export type Windows = {
  readonly type: JoinType;
  readonly size: number;
  readonly slide: number;
  readonly grace: number;
  readonly outOfOrder: number;
};

export function windowJoin(
  { type, size, slide, grace, outOfOrder }: Windows,
  readings: readonly Reading[],
): Defined {
  const starts = (at: number): number[] =>
    Array.from({ length: size + 1 }, (_, i) => at - i).filter(
      (start) => Number.isInteger(start / slide) && start <= at && at < start + size,
    );
  return walk(
    readings,
    outOfOrder,
    ({ t }, watermark) => starts(t).every((start) => start + size + grace <= watermark),
    () => [],
    (kept, before, now) => {
      const windows = new Set(kept.flatMap(({ t }) => starts(t)));
      return [...windows].flatMap((start) => {
        const freeAt = start + size + grace;
        if (freeAt <= before || freeAt > now) return [];
        return [...new Set(kept.map(({ k }) => k))].flatMap((key) => {
          const rows = kept
            .filter(({ k, t }) => k === key && t >= start && t < start + size)
            .toSorted(byTime);
          const lefts = rows.filter(isLeft);
          const rights = rows.filter((row) => !isLeft(row));
          const pairs = lefts.flatMap((left) => rights.map((right) => [left, right] as const));
          const alones = rights.length === 0 ? lefts.map((left) => [left, undefined] as const) : [];
          const others = lefts.length === 0 ? rights.map((right) => [undefined, right] as const) : [];
          const lonely = lefts.map((left) => [left, undefined] as const);
          const given = {
            inner: pairs,
            left: [...pairs, ...alones],
            full: [...pairs, ...alones, ...others],
            semi: rights.length > 0 ? lonely : [],
            anti: rights.length > 0 ? [] : lonely,
          }[type];
          return given.map(
            ([left, right], i): Result => ({
              key,
              left: left?.id ?? null,
              right: right?.id ?? null,
              time: freeAt - 1,
              start,
              order: [freeAt, key, i],
            }),
          );
        });
      });
    },
  );
}

export type Versions = {
  readonly type: "inner" | "left";
  readonly ttl: number | undefined;
  readonly grace: number;
  readonly outOfOrder: number;
};

/** A right row whose `n` is 7 says that there is no version any more. */
export const isDeletion = ({ n }: Reading): boolean => n === 7;

export function temporalJoin(
  { type, ttl = Infinity, grace, outOfOrder }: Versions,
  readings: readonly Reading[],
): Defined {
  return walk(
    readings,
    outOfOrder,
    ({ t }, watermark) => t < watermark - grace,
    () => [],
    (kept, before, now) =>
      kept.filter(isLeft).flatMap((left): Result[] => {
        const freeAt = left.t + 1 + grace;
        if (freeAt <= before || freeAt > now) return [];
        const version = kept
          .filter((right) => !isLeft(right) && right.k === left.k && right.t <= left.t)
          .toSorted(byTime)
          .at(-1);
        const holds = version !== undefined && left.t < version.t + ttl && !isDeletion(version);
        if (!holds && type === "inner") return [];
        const right = holds ? version.id : null;
        return [
          { key: left.k, left: left.id, right, time: freeAt - 1, order: [freeAt, left.k, left.t, left.nth] },
        ];
      }),
  );
}
