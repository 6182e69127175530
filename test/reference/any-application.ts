import type { StandardSchemaV1 } from "@standard-schema/spec";
import {
  type Application,
  application,
  type Flow,
  lake,
  milliseconds as ms,
  pipeline,
  type Stream,
  stream,
  view,
} from "../../shared/index.ts";
import { planApplication } from "../../shared/plan/planner.ts";
import { joined } from "./any-join.ts";
import { lookedUp } from "./any-lookup.ts";
import { matched } from "./any-match.ts";
import { paced } from "./any-pace.ts";
import { processed } from "./any-process.ts";
import type { Recipe, Step } from "./any-recipe.ts";
import { windowed } from "./any-window.ts";
import { type Row, type Rows, rowsOf } from "./rows.ts";

/** Takes everything for what it is said to be. */
const anything: StandardSchemaV1<unknown, Row> = {
  "~standard": { version: 1, vendor: "test", validate: (value) => ({ value: value as Row }) },
};

const streamOf = (id: string, { outOfOrder, partitions, idle }: Recipe): Stream<Row> =>
  stream(id, {
    schema: anything,
    time: "t",
    key: "k",
    partitions,
    outOfOrder: ms(outOfOrder),
    ...(idle ? { idle: { threshold: ms(2_000), incrementBy: ms(40), initSourceDelay: ms(3_000) } } : {}),
  });

/**
 * The application of a recipe: what every operator gives ends in a sink of its own. Keys are spread where the planner
 * takes that.
 */
export function applicationOf(recipe: Recipe): Application {
  const app = built(recipe);
  try {
    planApplication(app);
    return app;
  } catch {
    // an operator behind a spread window goes by the order of events
    const steps = recipe.steps.map((step) =>
      step.kind === "window" ? { ...step, spread: undefined } : step,
    );
    return built({ ...recipe, steps });
  }
}

function built(recipe: Recipe): Application {
  const streams = [streamOf("one", recipe), streamOf("two", recipe)] as const;
  const rows = pipeline("p", (p) => {
    let flow = rowsOf(p.from(streams[0]).keyBy("k"));
    flow.to(lake("heard"), { priority: -1 });
    for (const [i, step] of recipe.steps.entries())
      flow = stepped(flow, step, i, () => p.from(streams[1]), recipe);
    // ids that name all rows behind them may be longer than a sort value may be
    flow.to(view("rows", { key: (r) => r.k, sort: (r) => r.id.slice(0, 500) }), { priority: 1 });
    flow.to(lake("rows"));
  });
  const read = rows.nodes.some(({ spec }) => spec.kind === "source" && spec.stream === streams[1]);
  return application("generated", { streams: read ? [...streams] : [streams[0]], pipelines: [rows] });
}

const ALL_FIELDS = ["id", "k", "g", "t", "n"] as const;

function stepped(flow: Rows, step: Step, i: number, other: () => Flow<Row>, recipe: Recipe): Rows {
  switch (step.kind) {
    case "filter":
      return flow.filter(({ n }) => n !== step.not);
    case "map": {
      const mapped = flow.map(
        (row) => {
          if (row.n === step.throwsAt) throw new RangeError(`row ${row.id} is refused`);
          return { ...row, n: (row.n * 3 + 1) % 8 };
        },
        { onError: step.onError },
      );
      mapped.failed.to(lake(`refused_${i}`));
      return mapped;
    }
    case "flatMap":
      return flow.flatMap((row) =>
        Array.from({ length: row.n % 3 }, (_, part) => ({ ...row, id: `${row.id}.${part}` })),
      );
    case "select":
      return rowsOf(flow.map((row) => ({ ...row, more: { row, n: row.n } })).select(...ALL_FIELDS, "more.n"));
    case "keyBy":
      return rowsOf(step.by === "function" ? flow.keyBy(({ k, n }) => `${k}${n % 2}`) : flow.keyBy(step.by));
    case "dedupe":
      return flow.dedupe({
        id: `dedupe_${i}`,
        by: step.by,
        within: ms(step.within),
        ...(step.approximate === undefined ? {} : { approximate: step.approximate }),
      });
    case "union": {
      const rows =
        step.with === "itself" ? flow.map((row) => ({ ...row, id: `${row.id}'` })) : other().keyBy("k");
      return flow.union(rowsOf(rows));
    }
    case "broadcast": {
      const control = (step.with === "other" ? other() : flow).filter(({ n }) => n > 3).keyBy("n");
      return flow.withBroadcast(
        control.map((row) => (row.t % 4 === 0 ? null : row)),
        {
          id: `broadcast_${i}`,
          prepare: ({ id, n }) => {
            if (n === step.throwsAt) throw new RangeError(`${id} is refused`);
            return id;
          },
          onEvent: (row, latest) => {
            if (latest.has(step.throwsAt - 4)) throw new RangeError(`row ${row.id} is refused`);
            return [...latest.values()].slice(0, 2).map((id) => ({ ...row, id: `${row.id}@${id}` }));
          },
        },
      );
    }
    case "join":
      return joined(flow, step, i, other);
    case "lookup":
      return rowsOf(lookedUp(flow, step, i));
    case "pace":
      return paced(flow, step, i);
    case "process":
      return processed(flow, step, i);
    case "match":
      return matched(flow, step, i);
    case "window":
      return windowed(flow, step, i, recipe);
  }
}
