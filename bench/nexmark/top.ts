import { type Aggregate, custom } from "../../shared/index.ts";

type Top<T> = { best: number; rows: T[] };

/** All values that share the largest score. */
export const top = <T>(score: (value: T) => number): Aggregate<T, T[]> =>
  custom<T, Top<T>, T[]>({
    create: () => ({ best: Number.NEGATIVE_INFINITY, rows: [] }),
    add: (top, value) => {
      const at = score(value);
      if (at > top.best) {
        top.best = at;
        top.rows = [value];
      } else if (at === top.best) top.rows.push(value);
      return top;
    },
    merge: (a, b) =>
      a.best === b.best ? { best: a.best, rows: [...a.rows, ...b.rows] } : a.best > b.best ? a : b,
    finish: ({ rows }) => rows,
  });
