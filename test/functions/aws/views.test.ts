import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  dynamoViewReader,
  type ViewPage,
  type ViewQuery,
  type ViewReader,
} from "../../../functions/aws/read-view.ts";
import { dynamoViews } from "../../../functions/aws/views.ts";
import type { Views } from "../../../shared/protocol/ports.ts";
import { viewsConformance } from "../../protocol/conformance/views.ts";
import { type LocalServices, startLocalServices } from "./local-services.ts";

viewsConformance("DynamoDB", async () => {
  const services = await startLocalServices();
  const on = { client: services.clients.dynamodb, table: services.table("sk") };
  const read = dynamoViewReader(on);
  return {
    views: dynamoViews(on),
    rows: async (view, key) => (await read({ view, key, limit: 1_000 })).rows,
    close: () => services.close(),
  };
});

describe("views on DynamoDB", () => {
  let services: LocalServices;
  let views: Views;
  let read: ViewReader;
  const query = (rest: Partial<ViewQuery> = {}): ViewQuery => ({ view: "hourly", key: "EWR", ...rest });
  const sorts = (page: ViewPage): unknown[] => page.rows.map(({ sort }) => sort);
  beforeAll(async () => {
    services = await startLocalServices();
    const on = { client: services.clients.dynamodb, table: services.table("sk") };
    views = dynamoViews(on);
    read = dynamoViewReader(on);
    // hours 0 to 29, of which every third was deleted
    const writes = Array.from({ length: 30 }, (_, sort) => ({
      view: "hourly",
      key: "EWR",
      sort,
      row: sort % 3 === 0 ? undefined : { sort },
      version: { epoch: 0, v: 1 },
    }));
    await views.write(writes);
  });
  afterAll(() => services.close());

  test("a span includes its start and not its end", async () => {
    expect(sorts(await read(query({ from: 4, to: 10 })))).toEqual([4, 5, 7, 8]);
    expect(sorts(await read(query({ from: 25 })))).toEqual([25, 26, 28, 29]);
    expect(sorts(await read(query({ to: 5 })))).toEqual([1, 2, 4]);
    expect(sorts(await read(query({ from: 4, to: 4 })))).toEqual([]);
    expect(sorts(await read(query({ from: 9, to: 3 })))).toEqual([]);
  });

  test.each([
    [1, false],
    [3, true],
    [4, false],
    [19, false],
    [20, true],
    [100, false],
  ])(
    "pages of %i rows follow one another without gap or repeat (newest first: %s)",
    async (limit, newestFirst) => {
      const found: unknown[] = [];
      let cursor: string | undefined;
      let pages = 0;
      do {
        const page = await read(query({ limit, newestFirst, from: 2, cursor }));
        expect(page.rows.length).toBeLessThanOrEqual(limit);
        found.push(...sorts(page));
        cursor = page.cursor;
        pages++;
      } while (cursor !== undefined);
      const all = Array.from({ length: 30 }, (_, sort) => sort).filter((sort) => sort >= 2 && sort % 3 !== 0);
      expect(found).toEqual(newestFirst ? all.toReversed() : all);
      expect(pages).toBe(Math.ceil(all.length / limit));
    },
  );

  test("a cursor of another key, of another span or of nobody is refused", async () => {
    const { cursor } = await read(query({ limit: 4 }));
    for (const other of [
      query({ key: "JFK", cursor }),
      query({ from: 20, cursor }),
      query({ cursor: "abc" }),
      query({ cursor: "W10" }),
    ])
      await expect(read(other)).rejects.toMatchObject({ code: "CURSOR_INVALID" });
  });

  test("a write whose answer was lost, or that was throttled, is done once", async () => {
    services.faults.plan("dynamodb", "PutItem", { kind: "lost-response" }, { kind: "throttle" });
    const version = { epoch: 0, v: 1 };
    await views.write([
      { view: "lost", key: 1, sort: 1, row: "a", version },
      { view: "lost", key: 1, sort: 2, row: "b", version },
    ]);
    expect(sorts(await read({ view: "lost", key: 1 }))).toEqual([1, 2]);
  });

  test.each([
    ["a key", { key: "k".repeat(2_100) }],
    ["a sort value", { sort: "é".repeat(600) }],
    ["a row", { row: "r".repeat(400_000) }],
  ])("%s that the table cannot hold is refused, naming the view", async (_, large) => {
    const write = { view: "large", key: "k", sort: 1, row: 1, version: { epoch: 0, v: 1 }, ...large };
    await expect(views.write([write])).rejects.toMatchObject({
      code: "VIEW_TOO_LARGE",
      message: expect.stringContaining('view "large"'),
    });
  });
});
