import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { Inbox, type Verdict } from "../../shared/protocol/inbox.ts";

describe("the inbox", () => {
  test("takes a shard's records once, compared as whole numbers and within the shard only", () => {
    const inbox = new Inbox([["shard-1", "99999999999999999999"]]);
    expect(inbox.shard("shard-1", "99999999999999999999")).toBe("drop");
    expect(inbox.shard("shard-1", "100000000000000000000")).toBe("take");
    expect(inbox.shard("shard-1", "9")).toBe("drop");
    expect(inbox.shard("shard-2", "1")).toBe("take");
  });

  test("takes the next frame of a channel, drops those before it, and waits where one is missing", () => {
    const inbox = new Inbox([["up/0", 4]]);
    expect(inbox.channel("up/0", 4)).toBe("drop");
    expect(inbox.channel("up/0", 5)).toBe("take");
    expect(inbox.channel("up/0", 6)).toBe("gap");
    expect(inbox.channel("up/1", 1)).toBe("take");
    expect(inbox.channel("up/1", 2)).toBe("gap");
  });

  test.prop([
    fc.array(fc.tuple(fc.constantFrom("up/0", "up/1"), fc.integer({ min: 1, max: 6 })), { maxLength: 60 }),
  ])("takes each channel's frames exactly once and in order, however they are delivered", (deliveries) => {
    const inbox = new Inbox();
    const taken: Record<string, number[]> = {};
    for (const [channel, counter] of deliveries) {
      const verdict: Verdict = inbox.channel(channel, counter);
      const mine = taken[channel] ?? [];
      const expected = mine.includes(counter) ? "drop" : counter === mine.length + 1 ? "take" : "gap";
      expect(verdict).toBe(expected);
      if (verdict !== "take") continue;
      inbox.advance(channel, counter);
      taken[channel] = [...mine, counter];
    }
    expect(new Map(inbox.positions)).toEqual(
      new Map(Object.entries(taken).map(([channel, all]) => [channel, all.length])),
    );
  });

  test("a copy goes its own way", () => {
    const inbox = new Inbox([["up/0", 1]]);
    inbox.copy().advance("up/0", 2);
    expect(inbox.positions).toEqual([["up/0", 1]]);
  });
});
