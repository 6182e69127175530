import * as z from "zod";
import {
  type Application,
  application,
  collect,
  count,
  type DurationMs,
  days,
  minutes,
  type Pipeline,
  pipeline,
  type Stream,
  seconds,
  stream,
  tumbling,
  view,
} from "../../../shared/index.ts";

export type Visit = { readonly id: string; readonly n: number; readonly page: string; readonly time: number };

export const visits: Stream<Visit> = stream("visits", {
  schema: z.strictObject({ id: z.string(), n: z.int(), page: z.string(), time: z.int() }),
  time: "time",
  outOfOrder: seconds(0),
  key: "page",
  partitions: 2,
});

/** What may differ from one version of the application to the next. */
type Version = {
  /** Marks what it has let pass. */
  readonly name: string;
  readonly passes: (visit: Visit) => boolean;
  readonly window: DurationMs;
  readonly more?: readonly Pipeline[];
};

/** Which visits each page had, and by which version they were let pass. */
const versionOf = ({ name, passes, window, more = [] }: Version): Application =>
  application("visits", {
    streams: [visits],
    pipelines: [
      pipeline("per-page", (p) => {
        p.from(visits)
          .filter(passes)
          .map(({ page, n }) => ({ page, mark: `${name} ${n}` }))
          .keyBy((visit) => visit.page)
          .window(tumbling(window), { id: "windows", queryable: true })
          .aggregate({ marks: collect(100_000, "mark") })
          .to(view("per_page", { key: (r) => r.key, sort: (r) => r.window.start }));
      }),
      ...more,
    ],
  });

const totals = pipeline("totals", (p) => {
  p.from(visits)
    .keyBy("page")
    .window(tumbling(days(1)), { id: "days" })
    .aggregate({ visits: count() })
    .to(view("totals", { key: (r) => r.key, sort: (r) => r.window.start }));
});

/** Whether a version lets a visit pass, by the version's name. */
export const PASSES: Readonly<Record<string, (visit: Visit) => boolean>> = {
  first: ({ n }) => n % 2 === 0,
  second: ({ n }) => n % 3 === 0,
};

const { first = () => true, second = () => true } = PASSES;
export const WINDOW: DurationMs = minutes(10);

/** The versions that are deployed, by the name of the module that a bundle is made from. */
export const VERSIONS: Readonly<Record<"first" | "second" | "reshaped", Application>> = {
  first: versionOf({ name: "first", passes: first, window: WINDOW }),
  /** Another filter, another map, and one more pipeline. */
  second: versionOf({ name: "second", passes: second, window: WINDOW, more: [totals] }),
  /** The second one with other windows: it cannot read the state of the others. */
  reshaped: versionOf({ name: "second", passes: second, window: minutes(5), more: [totals] }),
};
