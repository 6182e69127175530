import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { gunzipSync } from "node:zlib";
import { afterEach, describe, expect, test } from "vitest";
import { type FeedOptions, postFeed } from "../../../local/feed/post-feed.ts";
import type { FeedProgress } from "../../../local/feed/tally.ts";

type Event = { readonly id: string; readonly lane: string };
type Answer = (request: Received, response: ServerResponse) => void;
type Received = {
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly bytes: number;
  readonly events: readonly Event[];
};

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** A server that answers each request as `answer` says and remembers what it was sent. */
async function serve(answer: Answer): Promise<{ url: string; received: Received[] }> {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const text = (request.headers["content-encoding"] === "gzip" ? gunzipSync(body) : body).toString("utf8");
    const events = text
      .trimEnd()
      .split("\n")
      .map((line): Event => JSON.parse(line));
    const { url: path = "", headers } = request;
    const one = { path, headers, bytes: body.length, events };
    received.push(one);
    answer(one, response);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, received };
}

const accept: Answer = ({ events }, response) => {
  response.writeHead(202).end(JSON.stringify({ accepted: events.length, rejected: [] }));
};

const eventsOf = (count: number, lanes = 1): Event[] =>
  Array.from({ length: count }, (_, i) => ({ id: `e${i}`, lane: `lane-${i % lanes}` }));

const feed = (
  url: string,
  events: FeedOptions<Event>["events"],
  more: Partial<FeedOptions<Event>> = {},
): ReturnType<typeof postFeed<Event>> =>
  postFeed({
    url,
    stream: "flights",
    events,
    lane: (event) => event.lane,
    batchSize: 10,
    backoff: { wait: async () => {} },
    ...more,
  });

const failedWith = (code: string): unknown => expect.objectContaining({ code });

describe("a feed", () => {
  test("posts NDJSON to the stream's path, in batches of at most batchSize", async () => {
    const { url, received } = await serve(accept);
    const result = await feed(url, eventsOf(25));
    expect(received.map(({ events }) => events.length)).toEqual([10, 10, 5]);
    expect(received.flatMap(({ events }) => events)).toEqual(eventsOf(25));
    expect(received[0]?.path).toBe("/v1/streams/flights/events");
    expect(received[0]?.headers["content-type"]).toBe("application/x-ndjson");
    expect(result).toEqual({
      acknowledged: 25,
      accepted: 25,
      rejected: 0,
      batches: 3,
      retries: 0,
      rejections: [],
    });
  });

  test("keeps a request below batchBytes and sends a larger event alone", async () => {
    const { url, received } = await serve(accept);
    const large = { id: "é".repeat(200), lane: "lane-0" };
    await feed(url, [...eventsOf(7), large, ...eventsOf(2)], { batchBytes: 100 });
    expect(received.map(({ events }) => events.length)).toEqual([3, 3, 1, 1, 2]);
    expect(received.filter(({ bytes }) => bytes > 100)).toHaveLength(1);
  });

  test("brings the headers that it is given", async () => {
    const { url, received } = await serve(accept);
    await feed(url, eventsOf(1), { headers: { "x-api-key": "secret" } });
    expect(received[0]?.headers).toMatchObject({
      "x-api-key": "secret",
      "content-type": "application/x-ndjson",
    });
  });

  test("compresses where asked to", async () => {
    const { url, received } = await serve(accept);
    await feed(url, eventsOf(1_000), { gzip: true, batchSize: 1_000 });
    expect(received[0]?.events).toEqual(eventsOf(1_000));
    expect(received[0]?.bytes).toBeLessThan(10_000);
  });

  test("posts nothing when there are no events", async () => {
    const { url, received } = await serve(accept);
    expect((await feed(url, [])).batches).toBe(0);
    expect(received).toEqual([]);
  });

  test("takes events that come one by one", async () => {
    const { url, received } = await serve(accept);
    async function* arriving(): AsyncGenerator<Event> {
      yield* eventsOf(12);
    }
    await feed(url, arriving());
    expect(received.flatMap(({ events }) => events)).toEqual(eventsOf(12));
  });

  test("sends a lane's next batch only after the one before was acknowledged, other lanes meanwhile", async () => {
    const inFlight = new Map<string, number>();
    let most = 0;
    let together = 0;
    const { url, received } = await serve((request, response) => {
      const lane = request.events[0]?.lane ?? "";
      inFlight.set(lane, (inFlight.get(lane) ?? 0) + 1);
      most = Math.max(most, ...inFlight.values());
      together = Math.max(together, [...inFlight.values()].filter((n) => n > 0).length);
      setImmediate(() =>
        setImmediate(() => {
          inFlight.set(lane, (inFlight.get(lane) ?? 0) - 1);
          accept(request, response);
        }),
      );
    });
    await feed(url, eventsOf(300, 3));
    expect(most).toBe(1);
    expect(together).toBeGreaterThan(1);
    for (const lane of ["lane-0", "lane-1", "lane-2"])
      expect(received.flatMap(({ events }) => events).filter((event) => event.lane === lane)).toEqual(
        eventsOf(300, 3).filter((event) => event.lane === lane),
      );
  });

  test("repeats the same batch, in its place, when the server fails, throttles or resets", async () => {
    let requests = 0;
    const { url, received } = await serve((request, response) => {
      requests += 1;
      if (requests === 2) response.writeHead(503).end("busy");
      else if (requests === 3) response.writeHead(429).end();
      else if (requests === 4) response.destroy();
      else if (requests === 5) {
        response.writeHead(202, { "content-length": 100 }).write("{");
        response.destroy();
      } else accept(request, response);
    });
    const result = await feed(url, eventsOf(30));
    const starts = received.map(({ events }) => events[0]?.id);
    expect(starts).toEqual(["e0", "e10", "e10", "e10", "e10", "e10", "e20"]);
    expect(result).toMatchObject({ accepted: 30, batches: 3, retries: 4 });
  });

  test("waits with full jitter, twice as long at most with each attempt, up to the cap", async () => {
    const { url } = await serve((_, response) => response.writeHead(500).end());
    const waits: number[] = [];
    const backoff = {
      attempts: 6,
      random: () => 0.5,
      wait: async (time: number) => {
        waits.push(time);
      },
    };
    await expect(feed(url, eventsOf(1), { backoff })).rejects.toThrow(failedWith("FEED_GAVE_UP"));
    expect(waits).toEqual([25, 50, 100, 200, 400]);
  });

  test("ends at once when a batch is refused for good", async () => {
    const { url, received } = await serve((_, response) => response.writeHead(404).end("unknown stream"));
    await expect(feed(url, eventsOf(1_000))).rejects.toThrow(failedWith("FEED_REFUSED"));
    expect(received).toHaveLength(1);
  });

  test.each(["", "{}", '{"accepted":"all","rejected":[]}'])(
    "ends when an acknowledgement is no verdict: %j",
    async (answer) => {
      const { url } = await serve((_, response) => response.writeHead(202).end(answer));
      await expect(feed(url, eventsOf(1))).rejects.toThrow(failedWith("FEED_REFUSED"));
    },
  );

  test("ends all lanes when one of them fails", async () => {
    const { url, received } = await serve((request, response) => {
      if (request.events[0]?.lane === "lane-1") response.writeHead(400).end();
    });
    await expect(feed(url, eventsOf(1_000, 2))).rejects.toThrow(failedWith("FEED_REFUSED"));
    expect(received).toHaveLength(2);
  });

  test("fails when its events fail", async () => {
    const { url } = await serve(accept);
    async function* broken(): AsyncGenerator<Event> {
      yield* eventsOf(11);
      throw new Error("the file is damaged");
    }
    await expect(feed(url, broken())).rejects.toThrow("the file is damaged");
  });

  test("stops when its signal fires, with the signal's reason", async () => {
    const stop = new AbortController();
    const { url } = await serve(() => stop.abort(new Error("Ctrl-C")));
    await expect(feed(url, eventsOf(1_000), { signal: stop.signal })).rejects.toThrow("Ctrl-C");
  });

  test("counts rejected events and shows the first of them as they were sent", async () => {
    const { url } = await serve(({ events }, response) => {
      const rejected = [{ index: 3, code: "EVENT_INVALID", message: "no origin" }];
      response.writeHead(202).end(JSON.stringify({ accepted: events.length - 1, rejected }));
    });
    const result = await feed(url, eventsOf(300));
    expect(result).toMatchObject({ acknowledged: 300, accepted: 270, rejected: 30 });
    expect(result.rejections).toHaveLength(20);
    expect(result.rejections[0]).toEqual({
      code: "EVENT_INVALID",
      message: "no origin",
      event: JSON.stringify(eventsOf(4)[3]),
    });
  });

  test("reports progress after each acknowledged batch", async () => {
    const { url } = await serve(accept);
    const seen: FeedProgress[] = [];
    await feed(url, eventsOf(25), { onProgress: (progress) => seen.push(progress) });
    expect(seen.map(({ acknowledged }) => acknowledged)).toEqual([10, 20, 25]);
  });
});
