import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { collect, milliseconds as ms, session } from "../../shared/index.ts";
import { Fold } from "../../shared/operators/fold.ts";
import type { PagedPart } from "../../shared/operators/paged-state.ts";
import type { Stage } from "../../shared/operators/stage.ts";
import { writePages } from "../../shared/protocol/write-pages.ts";
import { decodeValue } from "../../shared/state/codec.ts";
import { contentOf, noSummary, type Page, type PageRecord, widen } from "../../shared/state/page.ts";
import { Pages } from "../../shared/state/pages.ts";
import { END_OF_TIME, epochMs } from "../../shared/time/time.ts";
import { readingsFrom } from "../operators/inputs.ts";
import { sourceStage } from "../operators/one-stage.ts";
import { eventOf, Runner } from "../operators/runner.ts";

/** Ids, each of which is forgotten some 40 ms later. */
const ids: Stage = sourceStage((all) => ({ out: all.dedupe({ id: "p", within: ms(40) }) }));
/** Sessions, which grow and close. */
const sessions: Stage = sourceStage(
  (all) => ({
    out: all
      .keyBy("k")
      .window(session(ms(15)), { id: "p" })
      .aggregate({ ids: collect(99, "id") }),
  }),
  { outOfOrder: 12 },
);
const partOf = (fold: Fold): PagedPart => {
  const [part] = fold.paged;
  if (part === undefined) throw new Error("nothing is kept in pages");
  return part;
};

/** A fold whose pages are written into one list of blocks. */
class Paged {
  readonly runner: Runner;
  readonly blocks: string[] = [];
  pages: readonly Page[] = [];
  #taken = 0;

  constructor(stage: Stage) {
    this.runner = new Runner(stage);
  }

  get fold(): Fold {
    return this.runner.fold;
  }

  /** Takes events by key, or by id: at one time, unless it is said. */
  take(names: Iterable<string>, t = 0): this {
    for (const id of names) {
      this.runner.batch([eventOf({ id, k: id, t, n: 0 })], this.#taken);
      this.#taken += 1;
    }
    return this;
  }

  /** Writes what changed, and gives the blocks that it took. */
  write(pageChars = 1_000, watermark = this.fold.watermark, used = 1): string[] {
    const before = this.blocks.length;
    this.pages = writePages(partOf(this.fold), watermark, used, { pageChars }, (text) => {
      this.blocks.push(text);
      return { object: "o", offset: this.blocks.length - 1, length: 1, chars: text.length };
    });
    this.fold.written(new Map([["p", this.pages]]));
    return this.blocks.slice(before);
  }

  contentOf({ chain }: Page): readonly PageRecord[] {
    return contentOf(chain.map(({ offset }) => decodeValue(this.blocks[offset] ?? "[]") as PageRecord[]));
  }

  /** All state, read from the pages alone. */
  read(): unknown {
    const { stage, sealed } = this.fold;
    const fold = new Fold(stage, { codeVersion: "c" });
    const pages = this.pages.map((page) => ({ ...page, resident: false }));
    fold.resume(sealed.time, sealed.counts, new Map([["p", pages]]));
    fold.load(pages.map((page) => [page, this.contentOf(page)]));
    return [...fold.snapshot()];
  }

  firsts(): unknown[] {
    return this.pages.map(({ first }) => first?.[1]);
  }
  places(): unknown[] {
    return this.pages.map((page) => this.contentOf(page).map(([, key]) => key));
  }
}

const recordOf = (text: string): PageRecord[] => decodeValue(text) as PageRecord[];
const keysIn = (text: string): unknown[] => recordOf(text).map(([, key]) => key);

describe.each([
  ["ids", ids],
  ["sessions", sessions],
])("pages of %s", (_, stage) => {
  const anySteps = fc.array(
    fc.record({
      size: fc.integer({ min: 1, max: 6 }),
      evicted: fc.array(fc.nat({ max: 5 }), { maxLength: 3 }),
    }),
    { minLength: 1, maxLength: 8 },
  );

  test.prop([readingsFrom({ minLength: 1, maxLength: 20 }), anySteps, fc.constantFrom(1, 90, 1_000)], {
    numRuns: 25,
  })(
    "that are read back are the state, though some lay unread while it changed",
    (readings, steps, pageChars) => {
      const leader = new Runner(stage);
      const follower = new Paged(stage);
      for (let from = 0, nth = 0; from < readings.length; nth += 1) {
        const { size, evicted } = steps[nth % steps.length] ?? { size: 1, evicted: [] };
        const { changes, time, counts } = leader.batch(readings.slice(from, from + size).map(eventOf), from);
        from += size;
        follower.fold.apply(changes);
        follower.fold.resume(time, counts);
        follower.write(pageChars, time.watermark, nth);
        expect(follower.read()).toEqual(leader.state);

        // every place is on the page where it is looked for
        const pages = new Pages("p");
        pages.replace(follower.pages);
        for (const page of follower.pages)
          for (const [group, key] of follower.contentOf(page)) expect(pages.find([group, key])).toBe(page);
        for (const page of follower.pages)
          if (page.used === nth && page.chain.length === 1) {
            const summary = noSummary();
            const { operator } = partOf(follower.fold);
            for (const [, , , ...content] of follower.contentOf(page))
              for (const change of content) widen(summary, operator.wakes(change));
            expect(page.summary).toEqual(summary);
          }
        follower.fold.evict(evicted.flatMap((i) => follower.pages[i] ?? []));
      }
    },
  );
});

describe("pages that are written anew", () => {
  test("end with the place that makes them long enough", () => {
    const paged = new Paged(ids).take("abcdefg");
    const one = paged.write()[0]?.length ?? 0;
    const each = (one - 1) / 7;
    expect(
      new Paged(ids)
        .take("abcdefg")
        .write(3 * each)
        .map(keysIn),
    ).toEqual([[..."abc"], [..."def"], ["g"]]);
    expect(
      new Paged(ids)
        .take("abcdefg")
        .write(3 * each + 1)
        .map(keysIn),
    ).toEqual([[..."abcd"], [..."efg"]]);
  });

  test("begin where the one before ended, the first before everything", () => {
    const paged = new Paged(ids).take("bdfh");
    paged.write(1);
    expect(paged.firsts()).toEqual([undefined, "d", "f", "h"]);
    // each stands where its page begins, whatever comes before or behind
    paged.take("ae");
    expect(paged.write(1_000).map(keysIn)).toEqual([["a", "b", "d", "e"]]);
    expect(paged.firsts()).toEqual([undefined, "f", "h"]);
    paged.take("g");
    expect(paged.write(1)).toHaveLength(2);
    expect(paged.firsts()).toEqual([undefined, "f", "g", "h"]);
  });

  test("are in memory, and say when", () => {
    const paged = new Paged(ids).take("ab");
    paged.write(1, paged.fold.watermark, 17);
    expect(paged.pages).toMatchObject([
      { operator: "p", resident: true, pending: [], used: 17 },
      { operator: "p", resident: true, pending: [], used: 17 },
    ]);
    expect(paged.pages.map(({ places }) => [...places])).toEqual([[[0, ["a"]]], [[0, ["b"]]]]);
  });

  test("are joined with neighbours that are, too, and with no others", () => {
    const paged = new Paged(sessions).take("abcd");
    paged.write(1);
    paged.take("a", 1).take("b", 1).take("d", 1);
    expect(paged.write(10_000).map(keysIn)).toEqual([["a", "b"], ["d"]]);
    expect(paged.firsts()).toHaveLength(3);
  });
});

describe("a page of which little changed", () => {
  test("gets a block of what changed, where its further blocks come to at most half of its first", () => {
    const paged = (length: number) => new Paged(ids).take([`m${"x".repeat(length)}`]);
    const written = (base: Paged, id: string): string => base.take([id]).write()[0] ?? "";
    const long = paged(900);
    long.write();
    const [a, bc] = [written(long, "a").length, written(long, "bc").length];
    const equal: string[] = [];
    for (let length = 0; length <= 70; length += 1) {
      const base = paged(length);
      const first = base.write()[0]?.length ?? 0;
      const one = 2 * a <= first;
      expect(keysIn(written(base, "a")).slice(0, 2)).toHaveLength(one ? 1 : 2);
      if (2 * a === first) equal.push("one");
      if (!one) continue;
      const two = 2 * (a + bc) <= first;
      expect(keysIn(written(base, "bc"))).toHaveLength(two ? 1 : 3);
      if (2 * (a + bc) === first) equal.push("two");
    }
    expect(equal).toEqual(["one", "two"]);
  });

  test("counts the characters of several places together", () => {
    const [base, long] = [`m${"x".repeat(60)}`, new Paged(ids).take([`m${"x".repeat(900)}`])];
    long.write();
    const both = long.take("ab").write()[0]?.length ?? 0;
    expect(keysIn(long.blocks[1] ?? "")).toEqual(["a", "b"]);
    for (let length = 0; length <= 80; length += 1) {
      const paged = new Paged(ids).take([base.slice(0, 1) + "x".repeat(length)]);
      const first = paged.write()[0]?.length ?? 0;
      expect(keysIn(paged.take("ab").write()[0] ?? "")).toHaveLength(2 * both <= first ? 2 : 3);
    }
  });

  test("stands between those that are written anew", () => {
    const middle = `m${"x".repeat(300)}`;
    const paged = new Paged(ids).take(["a", middle, "z"]);
    paged.write(1);
    expect(paged.take(["b", "n", "zz"]).write(10_000).map(keysIn)).toEqual([["a", "b"], ["n"], ["z", "zz"]]);
    expect(paged.places()).toEqual([
      ["a", "b"],
      [middle, "n"],
      ["z", "zz"],
    ]);
  });

  test("has the place, the count and the time of all that is on it", () => {
    const paged = new Paged(ids).take([`m${"x".repeat(200)}`]);
    paged.write();
    paged.take("az");
    paged.write(1_000, paged.fold.watermark, 9);
    const [page] = paged.pages;
    expect(page).toMatchObject({ used: 9, resident: true, summary: { count: 3 } });
    expect([...(page?.places.get(0) ?? [])]).toEqual(["a", `m${"x".repeat(200)}`, "z"]);
    expect(paged.pages).toHaveLength(1);
  });

  test("has four blocks at most: a reader fetches all of them", () => {
    const paged = new Paged(ids).take([`m${"x".repeat(2_000)}`]);
    paged.write();
    const lengths = [..."abcde"].map((id) => {
      paged.take(id).write(10_000);
      return paged.pages[0]?.chain.length;
    });
    expect(lengths).toEqual([2, 3, 4, 1, 2]);
  });

  describe("and that shrank", () => {
    const [long, short] = ["a".repeat(200), "b"];
    /** A watermark later by which all sessions are closed but that of `z`. */
    const closed = (pageChars: number) => {
      const paged = new Paged(sessions).take([long, short, "z"]);
      paged.write(pageChars);
      return paged.take("z", 200);
    };

    test("says what went, and has its place no more", () => {
      const paged = closed(1_000);
      const [text = ""] = paged.write();
      expect(recordOf(text).map(([, key, whole, ...content]) => [key, whole, content.length])).toEqual([
        [long, 1, 0],
        [short, 1, 0],
        ["z", 1, 1],
      ]);
      expect(paged.pages).toMatchObject([{ summary: { count: 1 } }]);
      expect(paged.pages.map(({ places }) => [...places])).toEqual([[[0, ["z"]]]]);
      expect(paged.read()).toEqual([...paged.fold.snapshot()]);
    });

    test("is left out where nothing is left on it", () => {
      const paged = closed(1);
      expect(paged.write(1).map(keysIn).at(-1)).toEqual(["z"]);
      expect(paged.firsts()).toEqual(["z"]);
      expect(paged.read()).toEqual([...paged.fold.snapshot()]);
    });

    test("is written anew without what went", () => {
      const paged = new Paged(sessions).take(["b", "c", "z"]);
      paged.write();
      expect(paged.take("z", 200).write().map(keysIn)).toEqual([["z"]]);
      expect(paged.pages.map(({ places }) => [...places])).toEqual([[[0, ["z"]]]]);
    });
  });
});

describe("a page of which nothing changed", () => {
  const untouched = () => {
    const paged = new Paged(ids).take("ab");
    paged.write(1);
    const [page] = paged.pages;
    const until = page?.summary.until ?? END_OF_TIME;
    expect(until).toBeGreaterThan(paged.fold.watermark);
    return { paged, until, pages: paged.pages };
  };

  test("stays as it is", () => {
    const { paged, pages } = untouched();
    expect(paged.write(1)).toEqual([]);
    expect(paged.pages).toEqual(pages);
    expect(paged.pages[0]).toBe(pages[0]);
  });

  test.each([["in memory"], ["unread"]])("is left out once its time has passed: %s", (where) => {
    const { paged, until, pages } = untouched();
    if (where === "unread") paged.fold.evict(pages);
    paged.write(1, epochMs(until - 1));
    expect(paged.pages).toEqual(pages);
    paged.write(1, until);
    expect(paged.pages).toEqual([]);
  });

  test("and that was never written is no page", () => {
    const paged = new Paged(ids);
    expect(paged.write()).toEqual([]);
    expect(paged.pages).toEqual([]);
  });

  test("parts those that are written anew on both sides", () => {
    const paged = new Paged(sessions).take("abc");
    paged.write(1);
    paged.take("a", 1).take("c", 1);
    expect(paged.write(10_000).map(keysIn)).toEqual([["a"], ["c"]]);
    expect(paged.places()).toEqual([["a"], ["b"], ["c"]]);
  });
});

describe("a page that lay unread while the log changed it", () => {
  const followed = () => {
    const paged = new Paged(sessions).take("abc");
    paged.write();
    const { fold } = paged;
    const leader = new Runner(sessions);
    let taken = 0;
    const changesOf = (id: string, t: number) => {
      taken += 1;
      return leader.batch([eventOf({ id: `${id}${t}`, k: id, t, n: 0 })], taken);
    };
    for (const id of "abc") leader.batch([eventOf({ id, k: id, t: 0, n: 0 })], 0);
    fold.evict(paged.pages);
    const apply = (id: string, t: number): void => {
      const { changes, time, counts } = changesOf(id, t);
      fold.apply(changes);
      fold.resume(time, counts);
    };
    return { paged, leader, apply };
  };

  test("gets a block of the changes, by place, in their order", () => {
    const { paged, leader, apply } = followed();
    for (const [id, t] of [
      ["c", 1],
      ["a", 2],
      ["c", 3],
    ] as const)
      apply(id, t);
    const [text = ""] = paged.write();
    const records = recordOf(text);
    expect(records.map(([, key, whole]) => [key, whole])).toEqual([
      ["a", 0],
      ["c", 0],
    ]);
    expect(records.map((record) => record.length - 3)).toEqual([1, 2]);
    expect(paged.pages).toMatchObject([{ resident: false, pending: [] }]);
    expect(paged.pages[0]?.chain).toHaveLength(2);
    expect(paged.read()).toEqual(leader.state);
  });

  test("stays as it is where nothing did", () => {
    const { paged } = followed();
    const pages = paged.pages;
    expect(paged.write()).toEqual([]);
    expect(paged.pages[0]).toBe(pages[0]);
  });
});
