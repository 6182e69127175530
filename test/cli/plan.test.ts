import { describe, expect, test } from "vitest";
import { app } from "../../pipelines/index.ts";
import { planApplication } from "../../shared/plan/planner.ts";
import { DOOR, folder, millrace } from "./millrace.ts";

const ORDERS = `
  import { count, hours, pipeline, stream, tumbling, view } from ${DOOR};
  const any = { "~standard": { version: 1, vendor: "test", validate: (value) => ({ value }) } };
  const orders = stream("orders", { schema: any, time: "at", key: "shop", partitions: 2 });
`;

describe("millrace plan", () => {
  test("shows streams, stages, operators and sinks of the shipped pipelines", async () => {
    const { exitCode, stdout, stderr } = await millrace(["plan"]);
    expect(exitCode).toBe(0);
    expect(stderr).toBe("");
    expect(stdout).toContain("stream flights  8 partitions  key origin");
    expect(stdout).toMatch(/stage flight-delays\.flights {2}8 partitions {2}from stream flights/);
    expect(stdout).toMatch(/hourly +window tumbling 1 h, late 6 h, early each 10 min {2}after keyBy-1/);
    expect(stdout).toContain("lake late_flights");
  });

  test("gives the plan itself as JSON", async () => {
    const { stdout } = await millrace(["plan", "--json"]);
    expect(JSON.parse(stdout)).toEqual(JSON.parse(JSON.stringify(planApplication(app).plan)));
  });

  test("plans the bare pipelines of a module, over the streams that they read", async () => {
    await using place = await folder();
    const file = await place.write(
      "shop orders.ts",
      `${ORDERS}
      export const sales = pipeline("sales", (p) => {
        p.from(orders).keyBy("shop").window(tumbling(hours(1)), { id: "hourly" })
          .aggregate({ n: count() }).to(view("sales", { key: (r) => r.key }));
      });`,
    );
    const { exitCode, stdout } = await millrace(["plan", file, "--json"]);
    expect(exitCode).toBe(0);
    const plan = JSON.parse(stdout);
    expect(plan.application).toBe("shop-orders");
    expect(plan.streams.map(({ id }: { id: string }) => id)).toEqual(["orders"]);
  });

  test("says with its code what is wrong with a pipeline, and what to do, and ends with 2", async () => {
    await using place = await folder();
    const file = await place.write(
      "lost.ts",
      `${ORDERS}
      export const lost = pipeline("lost", (p) => { p.from(orders).filter(() => true); });`,
    );
    const { exitCode, stdout, stderr } = await millrace(["plan", file]);
    expect(exitCode).toBe(2);
    expect(stdout).toBe("");
    expect(stderr).toMatch(/^PLAN_NO_SINK pipeline "lost", operator "filter-1": .*\n→ .+\n$/);
    const verbose = await millrace(["--verbose", "plan", file]);
    expect(verbose.stderr).toContain("at refuse");
  });

  test("says what would become of deployed state, and refuses to lose it", async () => {
    await using place = await folder();
    const sales = (size: number): string => `${ORDERS}
      export const sales = pipeline("sales", (p) => {
        p.from(orders).keyBy("shop").window(tumbling(hours(${size})), { id: "hourly" })
          .aggregate({ n: count() }).to(view("sales", { key: (r) => r.key }));
      });`;
    const file = await place.write("sales.ts", sales(1));
    const deployed = await place.write("deployed.json", (await millrace(["plan", file, "--json"])).stdout);
    const same = await millrace(["plan", file, "--against", deployed]);
    expect(same).toMatchObject({ exitCode: 0, stdout: "all state that is deployed is read as it is\n" });
    const other = await place.write("other.ts", sales(2));
    const { exitCode, stderr } = await millrace(["plan", other, "--against", deployed]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(
      'PLAN_STATE_LOST stage "sales.orders", operator "hourly": state could not be read',
    );
    const none = await millrace(["plan", file, "--against", file]);
    expect(none).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("CLI_OPTION --against") });
  });

  test.each([
    ["a file that is not there", "nowhere.ts", undefined],
    ["a module without pipelines", "empty.ts", "export const nothing = 1;"],
    ["a module that does not parse", "broken.ts", "export const = ;"],
  ])("refuses %s", async (_, name, text) => {
    await using place = await folder();
    const file = text === undefined ? `${place.path}/${name}` : await place.write(name, text);
    const { exitCode, stderr } = await millrace(["plan", file]);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/^CLI_MODULE .*\n→ name a module/);
  });
});
