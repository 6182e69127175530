import { expect, test } from "vitest";
import { type DurationMs, valueState } from "../../../shared/index.ts";
import { foldOf, given } from "./given.ts";
import { at, is, lived, row, SECOND } from "./process-builds.ts";

test("What an event wrote is gone once the watermark is `ttl` beyond it: each element of a list and each entry of a map by itself.", async () => {
  const last = async (...events: readonly ReturnType<typeof row>[]) =>
    is(await given(events, lived(SECOND))).at(-1);
  // the event that moves the watermark sees it as it was before
  expect(await last(row(0, 1), row(500, 2), row(999, 0), row(999, 0))).toBe("2; 1,2; 1,2");
  expect(await last(row(0, 1), row(500, 2), row(1_000, 0), row(1_000, 0))).toBe("2; 2; 2");
  expect(await last(row(0, 1), row(500, 2), row(1_500, 0), row(1_500, 0))).toBe("undefined; ; ");
});

test("Writing anew starts over.", async () => {
  const events = [row(0, 1), row(500, 1), row(1_000, 0), row(1_000, 0)];
  expect(is(await given(events, lived(SECOND))).at(-1)).toBe("1; 1; 1");
});

test("What a late event writes lives from the watermark on.", async () => {
  const events = [row(5_000, 0), row(0, 1), row(5_999, 0), row(5_999, 0), row(6_000, 0), row(6_000, 0)];
  const told = is(await given(events, lived(SECOND)));
  expect([told.at(3), told.at(5)]).toEqual(["1; 1; 1", "undefined; ; "]);
});

test("At one moment timers come before what ends.", async () => {
  const driver = await given([row(0)], (things) => ({
    out: things.keyBy("k").process({
      id: "f",
      state: { value: valueState<number>({ ttl: SECOND }) },
      onEvent({ n }, { state, timers }) {
        state.value.set(n);
        for (const ms of [1_000, 1_001]) timers.at(at(ms));
        return [];
      },
      onTimer: (_, { state }) => [{ is: `${state.value.get()}` }],
    }),
  }));
  expect(is(driver)).toEqual(["1", "undefined"]);
});

test("What is over is deleted though its key never comes again; without `ttl` it stays for ever.", () => {
  const kept = (ttl: DurationMs | undefined, ms: number) =>
    foldOf([row(0, 1), row(ms, 0, "b")], lived(ttl)).size;
  // a value, an element and how many there were, an entry
  expect([kept(SECOND, 999), kept(SECOND, 1_125), kept(undefined, 1e12)]).toEqual([4, 0, 4]);
});
