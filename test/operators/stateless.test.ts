import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import type { EventInfo } from "../../shared/index.ts";
import { anyReadings } from "./inputs.ts";
import { type Reading, sourceStage } from "./one-stage.ts";
import { eventOf, type Given, Runner, rowsTo } from "./runner.ts";

const run = (stage: ReturnType<typeof sourceStage>, readings: readonly Reading[]): Given =>
  new Runner(stage).batch(readings.map(eventOf), 0);

describe("stateless operators", () => {
  test.prop([anyReadings])("do what arrays do, in order", (readings) => {
    const stage = sourceStage((all) => ({
      out: all
        .filter(({ n }) => n % 2 === 0)
        .map(({ id, n }) => ({ id, half: n / 2 }))
        .flatMap(({ id, half }) => Array.from({ length: half }, (_, i) => `${id}/${i}`)),
    }));
    expect(rowsTo("out", run(stage, readings))).toEqual(
      readings
        .filter(({ n }) => n % 2 === 0)
        .map(({ id, n }) => ({ id, half: n / 2 }))
        .flatMap(({ id, half }) => Array.from({ length: half }, (_, i) => `${id}/${i}`)),
    );
  });

  test.prop([anyReadings])(
    "a union gives each event by each of its ways, and in order on each",
    (readings) => {
      const stage = sourceStage((all) => {
        const small = all.filter(({ n }) => n < 4).map(({ id }) => `small ${id}`);
        const odd = all.filter(({ n }) => n % 2 === 1).map(({ id }) => `odd ${id}`);
        return { out: small.union(odd) };
      });
      expect(rowsTo("out", run(stage, readings))).toEqual(
        readings.flatMap(({ id, n }) => [
          ...(n < 4 ? [`small ${id}`] : []),
          ...(n % 2 === 1 ? [`odd ${id}`] : []),
        ]),
      );
    },
  );

  test.prop([anyReadings])("see each event's id, time and key, the key that was chosen last", (readings) => {
    const told = (_: unknown, { id, time, key }: EventInfo): string => `${id} ${time} ${key}`;
    const stage = sourceStage((all) => {
      const byNumber = all.keyBy("n").map(told);
      return { out: all.map(told), byNumber };
    });
    const given = run(stage, readings);
    expect(rowsTo("out", given)).toEqual(readings.map(({ id, t, k }) => `${id} ${t} ${k}`));
    expect(rowsTo("byNumber", given)).toEqual(readings.map(({ id, t, n }) => `${id} ${t} ${n}`));
  });

  test.prop([anyReadings, fc.nat({ max: 40 })])(
    "a later sink sees an event no earlier than the one before it is done",
    (readings, cut) => {
      const seen: string[] = [];
      const stage = sourceStage((all) => ({
        first: all.map(({ id }) => seen.push(`first ${id}`)),
        second: all.map(({ id }) => seen.push(`second ${id}`)),
      }));
      const some = readings.slice(0, cut);
      run(stage, some);
      expect(seen).toEqual(some.flatMap(({ id }) => [`first ${id}`, `second ${id}`]));
    },
  );
});
