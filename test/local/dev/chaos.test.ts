import { expect, test } from "vitest";
import { KillPace } from "../../../local/dev/chaos.ts";

test("a process is killed each time that invocations have succeeded since the last kill", () => {
  const pace = new KillPace();
  expect([1, 5, 6].map((succeeded) => pace.isDue(succeeded))).toEqual([true, true, true]);
});

test("none is where nothing has, so that a slow machine gets on", () => {
  const pace = new KillPace();
  expect(pace.isDue(3)).toBe(true);
  expect([3, 3, 3, 4, 4].map((succeeded) => pace.isDue(succeeded))).toEqual([
    false,
    false,
    false,
    true,
    false,
  ]);
});

test("one is after a while all the same, as all may hang", () => {
  const pace = new KillPace();
  const due = Array.from({ length: 50 }, () => pace.isDue(0));
  expect(due.indexOf(true)).toBe(20);
  expect(due.filter((each) => each)).toHaveLength(2);
});
