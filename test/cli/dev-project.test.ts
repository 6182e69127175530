import { existsSync, readdirSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { DevProcess } from "./dev-process.ts";
import { DOOR, type Folder, folder, millrace } from "./millrace.ts";

/** A pipeline that counts orders by shop; a schema without a package, which a temporary folder does not have. */
const ORDERS = `
  import { count, hours, pipeline, stream, sum, tumbling, view } from ${DOOR};
  type Order = { readonly id: string; readonly shop: string; readonly amount: number; readonly at: number };
  const any = { "~standard": { version: 1, vendor: "test", validate: (value: unknown) => ({ value: value as Order }) } } as const;
  const orders = stream("orders", { schema: any, time: "at", key: "shop", partitions: 2 });
  export const sales = pipeline("sales", (p) => {
    p.from(orders).keyBy("shop").window(tumbling(hours(1)), { id: "hourly" })
      .aggregate({ n: count(), total: sum("amount") }).to(view("sales", { key: (r) => r.key }));
  });
`;

type Order = { readonly id: string; readonly amount: number; readonly minutes: number };

/** A project with pipelines/index.ts, and what its folder holds besides. */
async function shop(): Promise<Folder & { save(change: (text: string) => string): Promise<void> }> {
  const place = await folder();
  const file = join(place.path, "pipelines", "index.ts");
  await mkdir(join(place.path, "pipelines"));
  await writeFile(file, ORDERS);
  return {
    ...place,
    save: async (change) => writeFile(file, change(await readFile(file, "utf8"))),
    [Symbol.asyncDispose]: () => place[Symbol.asyncDispose](),
  };
}

/** The running project, once it serves; asks its API as the lines say that it prints. */
async function served(dev: DevProcess) {
  const [, events = ""] = await dev.said(/curl .*'{…}' (\S+)/);
  const [, views = ""] = await dev.said(/curl '(\S+\?key=)…'/);
  const [, url = ""] = await dev.said(/^serving (\S+) until Ctrl-C/);
  return {
    url,
    post: async (orders: readonly Order[]): Promise<void> => {
      const body = orders.map(({ id, amount, minutes }) => ({
        ...{ id, amount, shop: "a" },
        at: 1_700_000_400_000 + minutes * 60_000,
      }));
      const headers = { "content-type": "application/json" };
      const answer = await fetch(events, { method: "POST", headers, body: JSON.stringify(body) });
      expect(await answer.json()).toEqual({ accepted: orders.length, rejected: [] });
      await dev.said(/sales\.orders .*RecordsReceived/);
    },
    rows: async (): Promise<readonly { readonly n: number; readonly total: number }[]> => {
      const { items } = (await (await fetch(`${views}a`)).json()) as {
        items: { n: number; total: number }[];
      };
      return items.map(({ n, total }) => ({ n, total }));
    },
  };
}

const port0 = ["--port", "0"];

test("serves the pipelines of a folder, takes up what is saved and keeps the state; what is wrong changes nothing", async () => {
  await using project = await shop();
  await using dev = new DevProcess(project.path, port0);
  const { post, rows, url } = await served(dev);
  await post([{ id: "1", amount: 3, minutes: 1 }]);

  await project.save((text) => text.replace("p.from(orders)", "p.from(orders).filter((o) => o.amount > 1)"));
  const [, ms] = await dev.said(/^reloaded in (\d+) ms: updated .*sales\.orders/);
  expect(Number(ms)).toBeGreaterThan(0);
  // the window was opened by the code of before; the last event closes it
  await post([
    { id: "2", amount: 1, minutes: 2 },
    { id: "3", amount: 5, minutes: 3 },
    { id: "4", amount: 9, minutes: 70 },
  ]);
  expect(await rows()).toEqual([{ n: 2, total: 8 }]);

  const refused: readonly (readonly [change: (text: string) => string, said: RegExp])[] = [
    [(text) => `${text}\nexport const broken = ;`, /^SYNTH_FAILED pipelines\/index\.ts:\d+/],
    [
      (text) => text.replace(/export const broken.*/, "").replace(/\.to\(view.*/, ";"),
      /^PLAN_NO_SINK pipeline "sales", operator "hourly"/,
    ],
    [
      () => ORDERS.replace("hours(1)", "hours(2)"),
      /^STATE_MISMATCH "sales\.orders" would not read the state/,
    ],
  ];
  for (const [change, said] of refused) {
    await project.save(change);
    await dev.said(said);
    await dev.said(/^→ /);
    await dev.said(/what was deployed before goes on/);
  }
  expect(await rows()).toEqual([{ n: 2, total: 8 }]);

  await project.save(() => ORDERS);
  await dev.said(/^reloaded in/);
  const taken = await millrace(["dev", "--port", new URL(url).port], {}, project.path);
  expect(taken.exitCode).toBe(3);
  expect(taken.stderr).toMatch(/LOCAL_ADDRESS .*EADDRINUSE.*\n→ leave --port out/);

  expect(await dev.end("SIGINT")).toEqual({ code: 0, signal: null });
  await expect(fetch(url)).rejects.toThrow("fetch failed");
  const work = join(project.path, ".millrace");
  expect(readdirSync(join(work, "synth"))).toEqual([]);
  expect(await readFile(join(work, ".gitignore"), "utf8")).toBe("*\n");
});

test("keeps data in a folder over kill -9, and refuses one that it cannot use", async () => {
  await using project = await shop();
  const args = [...port0, "--no-watch", "--persist", "data"];
  {
    await using dev = new DevProcess(project.path, args);
    const { post } = await served(dev);
    await post([{ id: "1", amount: 3, minutes: 1 }]);
    expect(await dev.end("SIGKILL")).toEqual({ code: null, signal: "SIGKILL" });
  }
  await using dev = new DevProcess(project.path, args);
  const { post, rows } = await served(dev);
  await post([{ id: "2", amount: 4, minutes: 70 }]);
  // an event that was delivered a second time would be counted once all the same: the log knows its position
  expect(await rows()).toEqual([{ n: 1, total: 3 }]);

  const [second, file] = await Promise.all([
    millrace(["dev", ...args], {}, project.path),
    millrace(["dev", ...port0, "--persist", "pipelines/index.ts"], {}, project.path),
  ]);
  for (const { exitCode, stderr } of [second, file]) {
    expect(exitCode).toBe(3);
    expect(stderr).toMatch(/PERSIST_FOLDER .*\n→ name another folder/);
  }
  expect(second.stderr).toMatch(/is in use by process \d+/);
});

test("runs the app of a cdk.json, and takes up its settings", async () => {
  await using place = await folder();
  const pathOf = (url: string | URL): string => JSON.stringify(fileURLToPath(url));
  const stack = pathOf(new URL("../../infra/index.ts", import.meta.url));
  const planner = pathOf(new URL("../../shared/plan/planner.ts", import.meta.url));
  const cdk = pathOf(import.meta.resolve("aws-cdk-lib"));
  await place.write(
    "shop.ts",
    `${ORDERS}\nimport { application } from ${DOOR};
    export const app = application("shop", { streams: [orders], pipelines: [sales] });`,
  );
  await place.write(
    "app.ts",
    `import { App, Duration } from ${cdk};
    import { MillraceStack } from ${stack};
    import { planApplication } from ${planner};
    import { fileURLToPath } from "node:url";
    import { app as shop } from "./shop.ts";
    const app = new App();
    new MillraceStack(app, "shop", {
      plan: planApplication(shop).plan,
      pipelines: fileURLToPath(new URL("./shop.ts", import.meta.url)),
      retention: Duration.hours(app.node.getContext("hours")),
    });`,
  );
  const settings = (hours: number) =>
    place.write("cdk.json", JSON.stringify({ app: "node app.ts", context: { hours } }));
  await settings(24);
  await using dev = new DevProcess(place.path, [...port0, "--logs", "none"]);
  await served(dev);
  await settings(48);
  await dev.said(/^reloaded in \d+ ms: updated Streamsorders\w+$/);
  await place.write("app.ts", 'throw new Error("boom");');
  await dev.said(/^SYNTH_FAILED Error: boom/);
  await dev.said(/at app\.ts:1/);
  expect(await dev.end("SIGINT")).toEqual({ code: 0, signal: null });
});

test.each<[string, readonly string[], readonly string[], RegExp]>([
  ["a folder without a project", [], [], /^CLI_NO_PIPELINES .*\n→ run it in a project's folder/],
  ["a module that is not there", [], ["--pipelines", "nope.ts"], /^CLI_NO_PIPELINES "nope\.ts" is not there/],
  [
    "a sample for a project",
    ["x.ts"],
    ["--pipelines", "x.ts", "--sample", "flights"],
    /^CLI_OPTION --sample is for/,
  ],
  [
    "faults for a project",
    ["x.ts"],
    ["--pipelines", "x.ts", "--chaos-kill", "9"],
    /^CLI_OPTION --chaos-kill is for/,
  ],
  [
    "an end of data that are kept",
    [],
    ["--sample", "flights", "--once", "--persist", "d"],
    /^CLI_OPTION --once ends/,
  ],
  ["a cdk.json without an app", ["cdk.json"], [], /CLI_NO_PIPELINES .*names no app/],
])("refuses %s, and runs nothing", async (_, files, args, said) => {
  await using place = await folder();
  for (const file of files) await place.write(file, file.endsWith(".json") ? "{}" : "");
  const { exitCode, stderr } = await millrace(["dev", ...args], {}, place.path);
  expect(stderr).toMatch(said);
  expect(exitCode).toBe(2);
  expect(existsSync(join(place.path, "d"))).toBe(false);
});

test("makes the tables that pipelines look up, and fills them with what it is given", async () => {
  await using place = await folder();
  await mkdir(join(place.path, "pipelines"));
  const door = JSON.stringify(fileURLToPath(new URL("../../shared/csv.ts", import.meta.url)));
  await writeFile(
    join(place.path, "pipelines", "index.ts"),
    `
    import { csv } from ${door};
    import { dynamoTable, pipeline, s3File, stream, view } from ${DOOR};
    const any = { "~standard": { version: 1, vendor: "test", validate: (value: unknown) => ({ value: value as any }) } } as const;
    const orders = stream("orders", { schema: any, time: "at", key: "shop", partitions: 2 });
    const goods = dynamoTable("goods", { schema: any, key: "sku" });
    const shops = s3File("shops", { schema: any, key: "shop", format: csv() });
    export const sales = pipeline("sales", (p) => {
      p.from(orders).lookup(goods, { key: "id" }).lookup(shops, { key: "shop" })
        .map(({ id, shop, goods, shops }) => ({ shop, n: goods.price, total: Number(shops.floor) }))
        .to(view("sales", { key: (r) => r.shop }));
    });`,
  );
  const goods = await place.write("goods.jsonl", '{"sku":"pen","price":3}\n');
  const shops = await place.write("shops.csv", "shop,floor\na,7\n");
  const wrong = await millrace(
    ["dev", ...port0, "--lookup", `goods=${shops}`, "--lookup", `shops=${goods}`],
    {},
    place.path,
  );
  expect(wrong.exitCode).toBe(2);
  expect(wrong.stderr).toContain('shops.csv: its header has no column "sku", which rows are found by');
  await using dev = new DevProcess(place.path, [
    ...port0,
    "--lookup",
    `goods=${goods}`,
    "--lookup",
    `shops=${shops}`,
  ]);
  const { post, rows } = await served(dev);
  await post([{ id: "pen", amount: 1, minutes: 1 }]);
  await expect.poll(rows, { timeout: 60_000 }).toEqual([{ n: 3, total: 7 }]);

  await using empty = new DevProcess(place.path, [...port0, "--lookup", `goods=${goods}`]);
  await empty.said(/^lookup "shops" is given no rows: --lookup shops=<file> does$/);
});
