import * as z from "zod";
import {
  type Application,
  application,
  count,
  days,
  hours,
  minutes,
  pipeline,
  stream,
  sum,
  tumbling,
  view,
} from "../shared/index.ts";

const Request = z.strictObject({
  id: z.string(),
  time: z.int(),
  client: z.string(),
  method: z.string(),
  path: z.string(), // with its query
  protocol: z.string(),
  status: z.int().min(100).max(599),
  bytes: z.int(),
  referrer: z.string().nullable(),
  agent: z.string().nullable(),
});

/** What a web server logs, in the order in which it did. */
const requests = stream("access-log", {
  schema: Request,
  time: "time",
  outOfOrder: minutes(1),
  key: "client",
  partitions: 8,
});

/** Requests and bytes per minute for each class of status: 2xx, 3xx, 4xx, 5xx. */
const traffic = pipeline("web-traffic", (p) => {
  p.from(requests)
    .dedupe({ id: "once", by: "id", within: days(7) })
    .map(({ status, bytes }) => ({ status, bytes })) // the shuffle carries no more than is counted
    .keyBy((r) => `${Math.floor(r.status / 100)}xx`)
    .window(tumbling(minutes(1)), { id: "per-minute" })
    .aggregate({ requests: count(), bytes: sum("bytes") })
    .to(view("status_per_minute", { key: (r) => r.key, sort: (r) => r.window.start }));
});

/** The words that requested paths are made of; per hour, those used more than ten times. */
const words = pipeline("path-words", (p) => {
  p.from(requests)
    .dedupe({ id: "once", by: "id", within: days(7) })
    .flatMap((r) => wordsOf(r.path))
    .keyBy((word) => word)
    .window(tumbling(hours(1)), { id: "hourly" })
    .aggregate({ count: count() })
    .filter((r) => r.count > 10)
    .to(view("path_words", { key: (r) => r.key, sort: (r) => r.window.start }));
});

/** `/blog/tags/puppet?flav=rss20` → blog, tags, puppet */
const wordsOf = (path: string): string[] => path.replace(/\?.*/, "").split("/").filter(Boolean);

export const accessLogApp: Application = application("access-log", {
  streams: [requests],
  pipelines: [traffic, words],
});
