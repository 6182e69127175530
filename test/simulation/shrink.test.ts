import { fc, test } from "@fast-check/vitest";
import { afterEach, describe, expect, vi } from "vitest";
import { campaign } from "../../local/simulator/chaos/campaign.ts";
import { minimal } from "../../local/simulator/chaos/minimal.ts";
import { shrink } from "../../local/simulator/chaos/shrink.ts";
import { trial } from "../../local/simulator/chaos.ts";
import { Inbox } from "../../shared/protocol/inbox.ts";
import { tillsScenario } from "./tills-scenario.ts";

test.prop([fc.integer({ min: 0, max: 60 }), fc.uniqueArray(fc.nat(59), { maxLength: 5 })])(
  "a list shrinks to the elements that it needs to fail",
  async (length, needed) => {
    const all = Array.from({ length }, (_, i) => i);
    const causes = needed.filter((n) => n < length);
    const fails = async (part: readonly number[]): Promise<boolean> => causes.every((n) => part.includes(n));
    expect(await shrink(all, fails, 1_000)).toEqual(causes.sort((a, b) => a - b));
  },
);

describe("with a planted fault: records that were taken before are taken again", () => {
  afterEach(() => vi.restoreAllMocks());

  test("a failing seed shrinks to a schedule of a strike or two, which fails again by itself", async () => {
    vi.spyOn(Inbox.prototype, "shard").mockReturnValue("take");
    const result = await campaign(tillsScenario, { seeds: { first: 1, last: 20 }, mode: "any", faults: [] });
    expect(result.failures).toBeGreaterThan(0);
    const found = result.minimal;
    if (found === undefined) throw new TypeError("no failure was shrunk");
    expect(found.found.strikes).toBeGreaterThan(2);
    expect(found.schedule.length).toBeLessThanOrEqual(2);
    expect(found.broken.join()).toMatch(/replays as another|were sent|takes .* back/);
    const again = await trial(found.seed, tillsScenario, {
      schedule: found.schedule,
      ...(found.requests === undefined ? {} : { requests: found.requests }),
    });
    expect(again.broken).toEqual(found.broken);
  });

  test("what a seed chose replays, as a schedule, to the same run", async () => {
    const run = await trial(5, tillsScenario);
    expect(run.struck.length).toBeGreaterThan(0);
    const replayed = await trial(5, tillsScenario, { schedule: run.struck });
    expect(replayed.trace).toBe(run.trace);
    expect(replayed.struck).toEqual(run.struck);
  });

  test("a failure that needs nothing to go wrong shrinks to nothing", async () => {
    const scenario = { ...tillsScenario, check: () => ["water is not wet"] };
    const found = await minimal(scenario, await trial(2, scenario));
    expect(found).toMatchObject({ schedule: [], requests: [], broken: ["water is not wet"] });
  });
});
