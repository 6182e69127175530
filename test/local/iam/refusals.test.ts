import { expect, test } from "vitest";
import { Refusals } from "../../../local/iam/refusals.ts";
import { ManualClock } from "../models/manual-clock.ts";

test("a thousand kinds of refusals are kept: the one that was not seen for longest goes, and still counts", () => {
  const clock = new ManualClock();
  const refusals = new Refusals(clock);
  const add = (key: number) =>
    refusals.add({ principal: "p", action: "s3:GetObject", resource: `arn:aws:s3:::b/${key}`, message: "m" });
  for (let key = 0; key < 1_000; key++) add(key);
  const firstAt = clock.now();
  add(0);
  add(1_000);
  const list = refusals.list();
  expect([list.length, refusals.total]).toEqual([1_000, 1_002]);
  expect(list[0]?.resource).toBe("arn:aws:s3:::b/2");
  expect(list.at(-2)).toMatchObject({ resource: "arn:aws:s3:::b/0", times: 2, firstAt });
});
