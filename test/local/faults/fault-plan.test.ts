import { fc, test as propertyTest } from "@fast-check/vitest";
import { describe, expect, test } from "vitest";
import { FaultPlan } from "../../../local/faults/fault-plan.ts";
import { EVERYTHING, type FaultRuleInput } from "../../../local/faults/rules.ts";

const planOf = (seed: number, ...rules: readonly FaultRuleInput[]): FaultPlan => {
  const plan = new FaultPlan();
  plan.set({ seed, rules });
  return plan;
};

const records = { Records: Array.from({ length: 5 }, (_, i) => ({ Data: String(i) })) };
const asked = (plan: FaultPlan, operation = "PutRecords", input: object = records) =>
  plan.during(() => plan.before("kinesis", operation, input));

describe("a plan of faults", () => {
  test("lets everything through before it is given rules, and after they are taken away", () => {
    const plan = new FaultPlan();
    expect(asked(plan)).toBeUndefined();
    plan.set({ rules: [{ fault: "throttle", rate: 1 }] });
    expect(asked(plan)).toEqual({ kind: "throttle" });
    plan.set({});
    expect(asked(plan)).toBeUndefined();
  });

  test("strikes where a rule says, and nowhere else", () => {
    const plan = planOf(1, { fault: "throttle", rate: 1, service: "kinesis", operation: "PutRecords" });
    expect(asked(plan)).toEqual({ kind: "throttle" });
    expect(asked(plan, "GetRecords")).toBeUndefined();
    expect(plan.during(() => plan.before("s3", "PutRecords", {}))).toBeUndefined();
    expect(plan.counts()).toMatchObject([{ struck: 1 }]);
  });

  test("leaves the cloud's own calls alone: nobody outside asked for them", () => {
    const plan = planOf(1, { fault: "throttle", rate: 1 });
    expect(plan.before("kinesis", "PutRecords", records)).toBeUndefined();
  });

  test("says of functions by a part of their names", () => {
    const plan = planOf(
      1,
      { fault: "kill", rate: 1, function: "Stage", milliseconds: 50 },
      { fault: "freeze", rate: 1, function: "Other" },
    );
    expect(plan.killAfter("app-StageOne")).toBeLessThan(50);
    expect(plan.killAfter("app-Ingest")).toBeUndefined();
    expect(plan.freezeFor("app-StageOne")).toBeUndefined();
    expect(plan.freezeFor("app-Other")).toBe(2_000);
  });

  propertyTest.prop([fc.integer(), fc.nat({ max: 500 }), fc.double({ min: 0, max: 1, noNaN: true })])(
    "fails at least one entry of a batch in part, and none that is not there",
    (seed, entries, share) => {
      const plan = planOf(seed, { fault: "partial", rate: 1, share });
      const fault = asked(plan, "PutRecords", { Records: Array.from({ length: entries }, () => ({})) });
      if (fault?.kind !== "partial") throw new Error(`${fault?.kind}`);
      expect(fault.failed.length).toBeGreaterThanOrEqual(Math.min(1, entries));
      expect(fault.failed.every((i) => i >= 0 && i < entries)).toBe(true);
      if (entries === 0) expect(fault.failed).toEqual([]);
    },
  );

  test.each([
    ["SendMessageBatch", { Entries: [{}, {}, {}] }],
    ["BatchWriteItem", { RequestItems: { a: [{}], b: [{}, {}] } }],
    ["BatchGetItem", { RequestItems: { a: { Keys: [{}, {}] }, b: { Keys: [{}] } } }],
    ["TransactWriteItems", { TransactItems: [{}, {}, {}] }],
  ])("counts the entries of %s", (operation, input) => {
    const plan = planOf(1, { fault: "partial", rate: 1, share: 1 });
    expect(asked(plan, operation, input)).toEqual({ kind: "partial", failed: [0, 1, 2] });
  });

  propertyTest.prop([fc.integer()])("chooses the same again for the same seed", (seed) => {
    const choices = () => {
      const plan = planOf(seed, ...EVERYTHING);
      return Array.from({ length: 200 }, () => [
        asked(plan),
        plan.delayOf("s3", "PutObject"),
        plan.killAfter("f"),
        plan.skewOf("f"),
      ]);
    };
    expect(choices()).toEqual(choices());
  });

  test("strikes about as often as the rate says", () => {
    const plan = planOf(7, { fault: "error", rate: 0.2 });
    const struck = Array.from({ length: 5_000 }, () => asked(plan)).filter((fault) => fault !== undefined);
    expect(struck.length).toBeGreaterThan(850);
    expect(struck.length).toBeLessThan(1_150);
    expect(plan.counts()[0]?.struck).toBe(struck.length);
  });

  test.each([
    ["a fault that is none", { fault: "boredom", rate: 1 }, "rules.0"],
    ["a rate beyond 1", { fault: "kill", rate: 2 }, "rules.0.rate"],
    ["a delay without a duration", { fault: "delay", rate: 1 }, "rules.0.milliseconds"],
    ["a service that is not modelled", { fault: "throttle", rate: 1, service: "ec2" }, "rules.0.service"],
    ["a member that no rule has", { fault: "kill", rate: 1, severity: 3 }, "rules.0"],
  ])("refuses %s by its place, and keeps the rules before", (_, rule, place) => {
    const plan = planOf(1, { fault: "throttle", rate: 1 });
    expect(() => plan.set({ rules: [rule as FaultRuleInput] })).toThrow(
      expect.objectContaining({ code: "FAULT_RULE_INVALID", message: expect.stringContaining(place) }),
    );
    expect(asked(plan)).toEqual({ kind: "throttle" });
  });
});
