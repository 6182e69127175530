import { fc, test } from "@fast-check/vitest";
import { expect } from "vitest";
import { bounded } from "../../../functions/aws/bounded.ts";

const turns = async (n: number): Promise<void> => {
  for (let i = 0; i < n; i++) await Promise.resolve();
};

test.prop([fc.array(fc.nat({ max: 9 }), { maxLength: 40 }), fc.integer({ min: 1, max: 8 })])(
  "answers come in the items' order, and never more than the limit are under way",
  async (delays, limit) => {
    let running = 0;
    let most = 0;
    const answers = await bounded(delays, limit, async (delay) => {
      most = Math.max(most, ++running);
      await turns(delay);
      running--;
      return delay * 2;
    });
    expect(answers).toEqual(delays.map((delay) => delay * 2));
    expect(most).toBeLessThanOrEqual(limit);
  },
);

test("the first failure rejects, once nothing is under way any more, and nothing new is begun", async () => {
  const ended: number[] = [];
  const run = bounded([1, 2, 3, 4, 5, 6], 3, async (n) => {
    await turns(n * 5);
    ended.push(n);
    if (n === 1) throw new Error("one");
  });
  await expect(run).rejects.toThrow("one");
  expect(ended).toEqual([1, 2, 3]);
});
