import { describe, expect, test } from "vitest";
import {
  count,
  custom,
  listState,
  mapState,
  milliseconds as ms,
  session,
  tumbling,
  valueState,
} from "../../shared/index.ts";
import type { Stage } from "../../shared/operators/stage.ts";
import type { Change } from "../../shared/state/change.ts";
import { encodeValue } from "../../shared/state/codec.ts";
import { stampOf, unreadable } from "../../shared/state/stamp.ts";
import { type Reading, sourceStage } from "./one-stage.ts";
import { END, eventOf, Runner, rowsTo } from "./runner.ts";

const reading = (k: string, t: number, n = 0): Reading => ({ id: `${k}${t}`, k, t, n });

/** A runner whose state is what entries of other code have left. */
function leftBy(stage: Stage, changes: readonly Change[], watermark = 0): Runner {
  const runner = new Runner(stage);
  const { time, counts } = runner.fold.sealed;
  runner.fold.apply(changes);
  runner.fold.resume({ ...time, watermark: watermark as never, streamTime: watermark as never }, counts);
  return runner;
}

const refusing = (old: unknown): string => {
  if (old === "damaged") throw new Error("no such thing");
  return `new ${old}`;
};

const process = (catching = false): Stage =>
  sourceStage((all) => {
    const out = all.keyBy("k").process({
      id: "p",
      state: {
        one: valueState<string>({ version: 2, migrate: refusing }),
        some: listState<string>({ version: 2, migrate: refusing }),
        named: mapState<string, string>({ version: 2, migrate: refusing }),
      },
      onEvent({ n }, { state, timers, time }) {
        const { one, some, named } = state;
        try {
          if (n === 0) return [[one.get(), some.get(), named.entries()].join(" ")];
        } catch (thrown) {
          if (!catching) throw thrown;
          one.set("another");
        }
        if (n === 1) one.set("written");
        if (n === 2) some.add("added");
        if (n === 3) timers.at((time + 5) as typeof time);
        return [];
      },
      onTimer: (_time, { state }) => [state.one.get()],
    });
    return { out, failed: out.failed };
  });

describe("a process of version 2", () => {
  const old: readonly Change[] = [
    ["p", "put", "a", "one", 0, "damaged", null],
    ["p", "put", "b", "one", 0, "good", null],
    ["p", "put", "b", "some", 0, "first", null],
    ["p", "put", "b", "some", -1, 1, null],
    ["p", "put", "b", "named", "x", "named", null],
  ];

  test("reads what version 1 kept, and writes none of it back", () => {
    const runner = leftBy(process(), old);
    const given = runner.batch([eventOf(reading("b", 1))], 0);
    expect(rowsTo("out", given)).toEqual(["new good new first x,new named"]);
    expect(given.changes).toEqual([]);
    expect(encodeValue(runner.state)).toBe(encodeValue([old[0], old[4], old[1], old[3], old[2]]));
  });

  test("says of what it writes that it is of version 2, and leaves the rest", () => {
    const runner = leftBy(process(), old);
    const given = runner.batch([eventOf(reading("b", 1, 1)), eventOf(reading("b", 2, 2))], 0);
    expect(encodeValue(given.changes)).toBe(
      '[["p","put","b","one",0,"written",null,2],["p","put","b","some",1,"added",null,2],["p","put","b","some",-1,2,null]]',
    );
    runner.restore();
    expect(rowsTo("out", runner.batch([eventOf(reading("b", 3))], 2))).toEqual([
      "written new first,added x,new named",
    ]);
  });

  test.each([false, true])(
    "fails an event that needs what cannot be read, and that one alone (caught: %s)",
    (catching) => {
      const runner = leftBy(process(catching), old);
      const given = runner.batch([eventOf(reading("a", 1)), eventOf(reading("b", 2))], 0);
      expect(rowsTo("out", given)).toEqual(["new good new first x,new named"]);
      expect(given.changes).toEqual([]);
      expect(given.outputs).toMatchObject({
        failed: [
          {
            payload: { k: "a" },
            pipeline: "p",
            operator: "p",
            error: {
              code: "STATE_MIGRATION",
              message:
                'pipeline "p", operator "p", key "a": "one" of version 1 could not be brought to version 2: no such thing',
            },
          },
        ],
      });
    },
  );

  test("may write over what cannot be read", () => {
    const runner = leftBy(process(), old);
    const given = runner.batch([eventOf(reading("a", 1, 1)), eventOf(reading("a", 2))], 0);
    expect(rowsTo("out", given)).toEqual(["written  "]);
  });

  test("gives up a timer whose call needs what cannot be read, and says which", () => {
    const runner = leftBy(process(), old);
    const given = runner.batch([eventOf(reading("a", 1, 3)), eventOf(reading("b", 2, 3)), END], 0);
    expect(rowsTo("out", given)).toEqual(["new good"]);
    expect(given.outputs).toMatchObject({
      failed: [{ payload: { key: "a", timer: 6 }, error: { code: "STATE_MIGRATION" } }],
    });
    expect(given.changes.filter(([, , , state]) => state !== "")).toEqual([]);
  });
});

const listing = (window: "t" | "s", discards = false): Stage =>
  sourceStage((all) => {
    const out = all
      .keyBy("k")
      .window(window === "t" ? tumbling(ms(10)) : session(ms(10)), {
        id: "w",
        allowedLateness: ms(discards ? 20 : 0),
        trigger: discards ? { accumulation: "discarding" } : {},
      })
      .aggregate({
        events: count(),
        ids: custom<Reading, string, string>({
          version: 2,
          migrate: refusing,
          create: () => "",
          add: (kept, { id }) => `${kept} ${id}`,
          merge: (a, b) => `${a} and ${b}`,
          finish: (kept) => kept,
        }),
      });
    return { out, failed: out.failed };
  });

describe("a window of an aggregate of version 2", () => {
  test("adds to what version 1 kept, and then says of it that it is of version 2", () => {
    const runner = leftBy(listing("t"), [["w", "put", 0, "a", [1, "old"], 0, 1]]);
    const given = runner.batch([eventOf(reading("a", 3))], 0);
    expect(encodeValue(given.changes)).toBe('[["w","put",0,"a",[2,"new old a3"],0,2,[1,2]]]');
    expect(rowsTo("out", runner.batch([END], 1))).toMatchObject([{ events: 2, ids: "new old a3" }]);
  });

  test("adds an event to no session where it would join one that cannot be read", () => {
    const sessions: readonly Change[] = [
      ["w", "put", "a", 0, 12, [1, "good"], 0, 1],
      ["w", "put", "a", 20, 30, [1, "damaged"], 0, 1],
    ];
    const runner = leftBy(listing("s"), sessions);
    const given = runner.batch([eventOf(reading("a", 11)), eventOf(reading("b", 11))], 0);
    expect(given.outputs).toMatchObject({
      failed: [{ payload: { id: "a11" }, error: { code: "STATE_MIGRATION" } }],
    });
    expect(given.changes.map(([, , key]) => key)).toEqual(["b"]);
    expect(rowsTo("out", runner.batch([END], 2))).toMatchObject([
      { key: "a", ids: "new good" },
      { key: "b", ids: " b11" },
    ]);
  });

  test("tells what it could not read where the window closes, in a failed event", () => {
    const runner = leftBy(listing("t"), [["w", "put", 0, "a", [4, "damaged"], 0, 4]]);
    const given = runner.batch([END], 0);
    expect(rowsTo("out", given)).toEqual([]);
    expect(given.outputs).toMatchObject({
      failed: [
        {
          payload: { key: "a", window: { start: 0, end: 10 }, accumulators: [4, "damaged"] },
          error: { code: "STATE_MIGRATION" },
        },
      ],
    });
  });

  test("keeps what it could not show, though panes discard, for code that can", () => {
    const runner = leftBy(listing("t", true), [["w", "put", 0, "a", [4, "damaged"], 0, 4]]);
    const given = runner.batch([eventOf(reading("b", 15))], 0);
    expect(given.changes).toContainEqual(["w", "put", 0, "a", [4, "damaged"], 1, 0]);
    expect(rowsTo("out", given)).toEqual([]);
  });
});

describe("a stamp", () => {
  const shape = { fingerprint: "f00d", versions: [["p", "one", 2]] as const };

  test("is the fingerprint alone where all is of version 1, as before there were versions", () => {
    expect(stampOf({ fingerprint: "f00d", versions: [] })).toBe("f00d");
    expect(stampOf(shape)).toBe('f00d [["p","one",2]]');
  });

  test.each([
    ["the same versions", 'f00d [["p","one",2]]', undefined],
    ["a lower one", "f00d", undefined],
    ["a higher one", 'f00d [["p","one",3]]', ["p", "one", 3]],
    ["a version of what has none here", 'f00d [["p","other",2]]', ["p", "other", 2]],
    ["another fingerprint", 'beef [["p","one",2]]', "shape"],
  ])("of %s is read accordingly", (_, stamp, why) => {
    expect(unreadable(shape, stamp)).toEqual(why);
  });

  test("says the versions that a stage has", () => {
    expect(stampOf(process())).toMatch(
      /^[0-9a-f]{16} \[\["p","one",2\],\["p","some",2\],\["p","named",2\]\]$/,
    );
    expect(listing("t").versions).toEqual([["w", "ids", 2]]);
  });
});
