import { describe, expect, test } from "vitest";
import { campaign } from "../../local/simulator/chaos/campaign.ts";
import { FAULTS } from "../../local/simulator/chaos/faults.ts";
import { trial } from "../../local/simulator/chaos.ts";
import { tillsScenario } from "./tills-scenario.ts";

const ALL = [...FAULTS.keys()];

/**
 * Seeds under which, between them, each fault has its effect. The sweep of `npm run chaos:ci` takes twenty of each fault
 * alone, and two hundred of an end at each call.
 */
describe("sales of tills", () => {
  test("come out exact under each fault alone, and each fault has its effect", async () => {
    const alone = (seed: number) =>
      campaign(tillsScenario, { seeds: { first: seed, last: seed }, mode: "alone", faults: ALL });
    const runs = [await alone(1), await alone(8)];
    expect(runs.map(({ failures, minimal }) => ({ failures, minimal }))).toEqual(
      runs.map(() => ({ failures: 0, minimal: undefined })),
    );
    expect(ALL.filter((name) => runs.every(({ never }) => never.includes(name)))).toEqual([]);
  });

  test("come out exact whatever call an environment ends at, before and after it is done", async () => {
    const seeds = { first: 1, last: 1 };
    const faults = ["crash-before", "crash-after"];
    const { failures, parts } = await campaign(tillsScenario, { seeds, mode: "points", faults });
    const { points: struck } = await trial(1, tillsScenario, { schedule: [] });
    const calls = struck.filter(({ at }) => at === "call");
    expect(failures).toBe(0);
    expect(parts.map(({ points, missed }) => [points, missed])).toEqual([
      [calls.length, 0],
      [calls.length, 0],
    ]);
    expect(Object.keys(parts[0]?.operations ?? {})).toEqual(
      expect.arrayContaining([
        ...["dynamodb GetItem", "dynamodb PutItem", "dynamodb Query"],
        ...["kinesis PutRecords", "s3 GetObject", "s3 PutObject"],
      ]),
    );
  });

  test("come out exact whatever call an environment sleeps at until others have committed", async () => {
    const { failures, injected } = await campaign(tillsScenario, {
      seeds: { first: 1, last: 1 },
      mode: "points",
      faults: ["zombie"],
    });
    expect(failures).toBe(0);
    expect(injected["zombie"]).toBeGreaterThan(20);
  });
});

test("a fault that nobody knows is refused by its name", async () => {
  await expect(trial(1, tillsScenario, { faults: ["crash-befor"] })).rejects.toThrow(
    /no fault is called "crash-befor", only .*crash-before/,
  );
});
