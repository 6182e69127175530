import { describe, expect, test } from "vitest";
import { Concurrency } from "../../../local/lambda/concurrency.ts";
import { steppingClock } from "../sources/kinesis-fixture.ts";

const reasonOf = (enter: () => unknown): unknown => {
  try {
    enter();
    return undefined;
  } catch (error) {
    return (error as { readonly detail: { readonly Reason: string } }).detail.Reason;
  }
};

describe("concurrent executions", () => {
  test("of functions without reserved concurrency share the account's, less what is reserved", () => {
    const concurrency = new Concurrency(5, steppingClock());
    concurrency.reserve("vip", 2);
    const leave = concurrency.enter("a");
    concurrency.enter("b");
    concurrency.enter("a");
    expect(reasonOf(() => concurrency.enter("b"))).toBe("ConcurrentInvocationLimitExceeded");
    concurrency.enter("vip");
    concurrency.enter("vip");
    expect(reasonOf(() => concurrency.enter("vip"))).toBe(
      "ReservedFunctionConcurrentInvocationLimitExceeded",
    );
    leave();
    expect(reasonOf(() => concurrency.enter("b"))).toBeUndefined();
  });

  test("may be ten a second for each place, however short they are", () => {
    const clock = steppingClock();
    const concurrency = new Concurrency(100, clock);
    concurrency.reserve("quick", 1);
    const runs = (count: number) =>
      Array.from({ length: count }, () => reasonOf(() => concurrency.enter("quick")()));
    expect(runs(11).findIndex((reason) => reason !== undefined)).toBe(10);
    expect(runs(1)).toEqual(["ReservedFunctionInvocationRateLimitExceeded"]);
    clock.advance(100);
    expect(runs(2)).toEqual([undefined, "ReservedFunctionInvocationRateLimitExceeded"]);
  });

  test("of a reserved function can be changed and given back", () => {
    const concurrency = new Concurrency(3, steppingClock());
    concurrency.reserve("vip", 3);
    expect(reasonOf(() => concurrency.enter("other"))).toBe("ConcurrentInvocationLimitExceeded");
    concurrency.reserve("vip", 0);
    expect(concurrency.isOff("vip")).toBe(true);
    expect(reasonOf(() => concurrency.enter("vip"))).toBe(
      "ReservedFunctionConcurrentInvocationLimitExceeded",
    );
    concurrency.reserve("vip", undefined);
    expect([concurrency.isOff("vip"), reasonOf(() => concurrency.enter("vip"))]).toEqual([false, undefined]);
  });
});
