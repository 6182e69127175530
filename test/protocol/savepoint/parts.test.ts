import { expect, test } from "vitest";
import { inParts } from "../../../shared/protocol/savepoint/parts.ts";

test("each item is taken once, at most 8 of them at a time, and the answers come in the items' order", async () => {
  const items = Array.from({ length: 20 }, (_, i) => i);
  const taken: number[] = [];
  let running = 0;
  let most = 0;
  const answers = await inParts(items, async (item) => {
    taken.push(item);
    running += 1;
    most = Math.max(most, running);
    for (let turns = item % 3; turns >= 0; turns -= 1) await Promise.resolve();
    running -= 1;
    return `answer ${item}`;
  });
  expect(taken).toEqual(items);
  expect(most).toBe(8);
  expect(answers).toEqual(items.map((item) => `answer ${item}`));
});
