import { describe, expect, test } from "vitest";
import { Fold } from "../../shared/operators/fold.ts";
import type { Change } from "../../shared/state/change.ts";
import { type Input, Runner } from "./runner.ts";
import { isInternal, shapes } from "./shapes.ts";

/** Three keys and all numbers, out of order now and then, and one far behind. */
const inputsOf = (internal: boolean): Input[] =>
  Array.from({ length: 48 }, (_, i): Input => {
    const reading = {
      id: `e${i}`,
      k: "cab"[i % 3] as string,
      t: 2 * i - (i % 5 === 4 ? 9 : 0),
      n: (i * 5) % 8,
    };
    if (i === 40) reading.t = 5;
    const sentAt = 3 * i;
    return internal
      ? { kind: "row", channel: "up/0", row: reading, sentAt }
      : { kind: "event", event: reading, sentAt };
  });

/** The last first; but the blocks of a filter stay behind the part that they are of. */
const backwards = (changes: readonly Change[]): Change[] =>
  [...Map.groupBy(changes, (change) => (/part|block/.test(change[1]) ? change[2] : change)).values()]
    .toReversed()
    .flat();

describe.each(Object.entries(shapes))("%s", (_, stage) => {
  const inputs = inputsOf(isInternal(stage));

  test("that were kept unsealed are told by no later entry", () => {
    const runner = new Runner(stage);
    runner.take(inputs, 0);
    runner.fold.keep();
    expect(runner.fold.seal().changes).toEqual([]);
  });

  test("that were taken back leave nothing, neither in state nor in outputs", () => {
    const runner = new Runner(stage);
    runner.batch(inputs.slice(0, 20), 0);
    const [state, empty] = [runner.state, runner.batch([], 20)];
    for (const sealed of [false, true]) {
      if (sealed) runner.seal(inputs.slice(20), 20);
      else runner.take(inputs.slice(20), 20);
      runner.fold.rollback();
      expect(runner.state).toEqual(state);
      expect(runner.batch([], 20)).toEqual(empty);
    }
  });

  test("list their state in one order, whatever the order in which it came", () => {
    const runner = new Runner(stage);
    runner.batch(inputs, 0);
    const changes = runner.state as Change[];
    const fold = new Fold(stage, { codeVersion: "code-1" });
    fold.apply(backwards(changes));
    const { time, counts } = runner.fold.sealed;
    fold.resume(time, counts);
    expect([...fold.snapshot()]).toEqual(changes);
  });
});
