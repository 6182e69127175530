import { fc, test } from "@fast-check/vitest";
import { afterAll, beforeAll, describe, expect } from "vitest";
import type { Key } from "../../../shared/events/event.ts";
import type { Views, ViewWrite } from "../../../shared/protocol/ports.ts";
import { compareKeys } from "../../../shared/state/key-order.ts";

export type OpenViews = () => Promise<{
  readonly views: Views;
  /** All rows of one key of a view, by their sort value. */
  readonly rows: (
    view: string,
    key: Key,
  ) => Promise<readonly { readonly sort: Key; readonly row: unknown }[]>;
  readonly close: () => Promise<void>;
}>;

export function viewsConformance(name: string, open: OpenViews): void {
  describe(`${name} as views`, () => {
    let opened: Awaited<ReturnType<OpenViews>>;
    let count = 0;
    beforeAll(async () => {
      opened = await open();
    });
    afterAll(() => opened.close());
    const view = (): string => `view_${count++}`;
    const write = (of: string, sort: Key, v: number, row: unknown, epoch = 0): ViewWrite => ({
      view: of,
      key: "EWR",
      sort,
      row,
      version: { epoch, v },
    });
    const rows = (of: string): Promise<readonly { sort: Key; row: unknown }[]> => opened.rows(of, "EWR");

    test("a key without rows has none", async () => {
      expect(await rows(view())).toEqual([]);
    });

    test("rows come back as they were, by sort value", async () => {
      const of = view();
      const row = { n: Number.NaN, when: -0, tags: new Set(["a"]), none: undefined };
      const sorts = ["b", 10, -1, 9, "a", 0.5, "10"];
      await opened.views.write(sorts.map((sort) => write(of, sort, 1, { ...row, sort })));
      expect(await rows(of)).toEqual(
        sorts.toSorted(compareKeys).map((sort) => ({ sort, row: { ...row, sort } })),
      );
    });

    test("views, and keys that look alike, have rows of their own", async () => {
      const [one, other] = [view(), view()];
      const at = (of: string, key: Key): ViewWrite => ({ ...write(of, 0, 1, [of, key]), key });
      const all = [at(one, 1), at(one, "1"), at(one, ""), at(other, 1), at(one, "n1")];
      await opened.views.write(all);
      for (const { view: of, key, row } of all)
        expect(await opened.rows(of, key)).toEqual([{ sort: 0, row }]);
    });

    test("a higher version replaces a row, a lower or equal one changes nothing", async () => {
      const of = view();
      await opened.views.write([write(of, 1, 5, "five")]);
      await opened.views.write([write(of, 1, 5, "five again")]);
      await opened.views.write([write(of, 1, 4, "four")]);
      expect(await rows(of)).toEqual([{ sort: 1, row: "five" }]);
      await opened.views.write([write(of, 1, 10, "ten")]);
      expect(await rows(of)).toEqual([{ sort: 1, row: "ten" }]);
      await opened.views.write([write(of, 1, 1, "restored", 1)]);
      await opened.views.write([write(of, 1, 99, "zombie", 0)]);
      expect(await rows(of)).toEqual([{ sort: 1, row: "restored" }]);
    });

    test("a deleted row is gone, stays gone for older writes and returns with a newer one", async () => {
      const of = view();
      await opened.views.write([write(of, 1, 1, "one"), write(of, 2, 1, "two")]);
      await opened.views.write([write(of, 1, 3, undefined)]);
      await opened.views.write([write(of, 1, 2, "late")]);
      expect(await rows(of)).toEqual([{ sort: 2, row: "two" }]);
      await opened.views.write([write(of, 1, 4, null)]);
      expect(await rows(of)).toEqual([
        { sort: 1, row: null },
        { sort: 2, row: "two" },
      ]);
    });

    test("of several writes of a row in one call the last of the newest counts", async () => {
      const of = view();
      await opened.views.write([
        write(of, 1, 7, "first of seven"),
        write(of, 1, 7, "last of seven"),
        write(of, 1, 6, "six"),
        write(of, 0, 7, "other"),
        write(of, -0, 7, "same row"),
      ]);
      expect(await rows(of)).toEqual([
        { sort: 0, row: "same row" },
        { sort: 1, row: "last of seven" },
      ]);
    });

    const anyWrite = fc.record({ sort: fc.integer({ min: 0, max: 3 }), v: fc.nat({ max: 30 }) });
    test.prop([fc.array(fc.array(anyWrite, { maxLength: 6 }), { maxLength: 6 })], { numRuns: 20 })(
      "writes in any order, and again, leave the newest of each row",
      async (calls) => {
        const of = view();
        // one entry writes one row alike whenever it writes it; every third entry deletes
        const writes = calls.map((call) =>
          call.map(({ sort, v }) => write(of, sort, v, v % 3 === 0 ? undefined : `${sort}@${v}`)),
        );
        for (const call of [...writes, ...writes]) await opened.views.write(call);
        const newest = new Map<Key, ViewWrite>();
        for (const one of writes.flat())
          if ((newest.get(one.sort)?.version.v ?? -1) <= one.version.v) newest.set(one.sort, one);
        const expected = [...newest.values()]
          .filter(({ row }) => row !== undefined)
          .map(({ sort, row }) => ({ sort, row }))
          .sort((a, b) => compareKeys(a.sort, b.sort));
        expect(await rows(of)).toEqual(expected);
      },
    );
  });
}
