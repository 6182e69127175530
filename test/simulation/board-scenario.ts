import { z } from "zod";
import type { ChaosScenario, Request } from "../../local/simulator/chaos.ts";
import type { Random } from "../../local/simulator/random.ts";
import {
  type Application,
  application,
  count,
  minutes,
  pipeline,
  seconds,
  session,
  stream,
  view,
} from "../../shared/index.ts";

type Call = { readonly id: string; readonly line: string; readonly time: number };

const Call: z.ZodType<Call> = z.strictObject({ id: z.string(), line: z.string(), time: z.int() });

const calls = stream("calls", {
  schema: Call,
  time: "time",
  outOfOrder: minutes(2),
  key: "line",
  partitions: 1,
});

/**
 * One stage, one partition, and a handful of rows that nearly every commit writes anew, moves or deletes: whoever comes
 * late with an older row, or with an entry that is gone, meets a newer one.
 */
const board = pipeline("board", (p) => {
  p.from(calls)
    .keyBy("line")
    .window(session(seconds(30)), {
      id: "busy",
      allowedLateness: minutes(2),
      trigger: { early: { events: 1 } },
    })
    .aggregate({ calls: count() })
    .to(view("board", { key: (r) => r.key, sort: (r) => r.window.start }));
});

const app: Application = application("board", { streams: [calls], pipelines: [board] });

const START = 1_704_067_200_000;

const input = (random: Random): Request[] =>
  Array.from({ length: 40 + random.below(40) }, (_, n) => ({
    stream: calls.id,
    events: [
      {
        id: `call-${n}`,
        line: `line-${random.below(2)}`,
        time: START + seconds(10) * n - random.below(minutes(2)),
      },
    ],
  }));

/** The reference says which rows are right; there is nothing to add. */
export const boardScenario: ChaosScenario = { app, input, check: () => [] };
