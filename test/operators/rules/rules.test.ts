import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { buildHandler } from "../../../infra/constructs/build-handler.ts";
import { TestDriver } from "../../../local/simulator/test-driver.ts";
import { findFailure } from "../../simulation/find-failure.ts";
import { rulesScenario } from "./rules-scenario.ts";

const order = (id: string, euros: number, land?: string): unknown => ({
  id,
  customer: "c",
  euros,
  ...(land === undefined ? {} : { land }),
});

describe("rules that come as data", () => {
  test("hold whatever goes wrong", async () => {
    expect(await findFailure(rulesScenario, 8)).toBeUndefined();
  });

  test("stay in force where a new one cannot be read, which fails once", async () => {
    const driver = await TestDriver.create(rulesScenario.app);
    await driver.feed("alerts", [{ name: "large", when: "event.euros > 5" }]);
    await driver.feed("alerts", [
      { name: "large", when: "event.euros >" },
      { name: "german", when: "event.land == 'de'" },
    ]);
    await driver.feed("orders", [order("a", 7, "de"), order("b", 1, "de")]);
    await driver.end();
    expect(driver.lake("matches")).toEqual([
      { rule: "german", order: "a" },
      { rule: "large", order: "a" },
      { rule: "german", order: "b" },
    ]);
    expect(driver.failed()).toMatchObject([
      {
        pipeline: "watch",
        operator: "matched",
        payload: { when: "event.euros >" },
        error: {
          code: "RULE_INVALID",
          message: expect.stringContaining('rule "large", at 1:14: Unexpected token'),
        },
      },
    ]);
  });

  test("fail an event of which one cannot say, and give what the others say", async () => {
    const driver = await TestDriver.create(rulesScenario.app);
    await driver.feed("alerts", [
      { name: "large", when: "event.euros > 5" },
      { name: "german", when: "event.land == 'de'" },
    ]);
    await driver.feed("orders", [order("a", 7)]);
    await driver.end();
    expect(driver.lake("matches")).toEqual([{ rule: "large", order: "a" }]);
    const error = {
      code: "RULE_FAILED",
      message: expect.stringContaining('rule "german", at 1:7: No such key'),
    };
    expect(driver.failed()).toMatchObject([{ operator: "matched", payload: { id: "a" }, error }]);
    expect(driver.lake("failed")).toMatchObject([{ error: { code: "RULE_FAILED" } }]);
  });
});

test("a stage carries the language only where its pipelines have rules", () => {
  const root = join(import.meta.dirname, "../../..");
  const sourcesOf = (pipelines: string | undefined): string => {
    const files = buildHandler(join(root, "functions/stage/handler.ts"), root, { pipelines });
    const map = files.find(({ name }) => name.endsWith(".map"))?.contents ?? new Uint8Array();
    return JSON.parse(Buffer.from(map).toString()).sources.join("\n");
  };
  expect(sourcesOf(undefined)).not.toContain("cel-js");
  expect(sourcesOf(join(import.meta.dirname, "rules-scenario.ts"))).toContain("cel-js");
});
