import { z } from "zod";
import type { ChaosScenario, Outcome, Request } from "../../local/simulator/chaos.ts";
import type { Random } from "../../local/simulator/random.ts";
import {
  type Application,
  application,
  collect,
  count,
  countDistinct,
  global,
  hopping,
  lake,
  minutes,
  pipeline,
  seconds,
  session,
  stream,
  sum,
  tumbling,
  view,
} from "../../shared/index.ts";

type Sale = { readonly id: string; readonly till: string; readonly product: string; readonly at: number };

const Sale: z.ZodType<Sale> = z.strictObject({
  id: z.string(),
  till: z.string(),
  product: z.string(),
  at: z.int(),
});

const sales = stream("sales", {
  schema: Sale,
  time: "at",
  key: "till",
  partitions: 2,
  outOfOrder: seconds(20),
});

/**
 * Shows what there is by the clock: in windows of the source's stage, and in sessions and for all time behind a shuffle.
 * Rows for windows behind a shuffle are combined, but for sessions that retract.
 */
const live = pipeline("live", (p) => {
  const all = p.from(sales);
  const tills = all
    .keyBy("till")
    .window(tumbling(minutes(2)), {
      id: "tills",
      allowedLateness: minutes(1),
      trigger: { early: { processingTime: seconds(20) } },
    })
    .aggregate({ sales: count(), ids: collect(100, "id") });
  tills.to(lake("tills"));
  tills.to(view("latest", { key: (row) => row.key, sort: (row) => row.window.start }));
  tills
    .keyBy(({ window }) => window.start)
    .window(tumbling(minutes(10)), { id: "shown" })
    .aggregate({ sales: sum("sales") })
    .to(lake("shown"));
  const runs = all
    .keyBy("product")
    .window(session(seconds(30)), {
      id: "runs",
      allowedLateness: minutes(1),
      trigger: { early: { processingTime: seconds(45) } },
    })
    .aggregate({ sales: count() });
  runs.to(view("runs", { key: (row) => row.key, sort: (row) => row.window.start }));
  runs.to(lake("runs"));
  all
    .keyBy(({ product }) => product.length)
    .window(global(), {
      id: "ever",
      trigger: { early: { processingTime: minutes(1) }, accumulation: "discarding" },
    })
    .aggregate({ ids: collect(1_000, "id") })
    .to(lake("ever"));
  const busy = all
    .keyBy(({ product }) => `busy ${product}`)
    .window(session(seconds(15)), {
      id: "busy",
      allowedLateness: minutes(1),
      trigger: { early: { processingTime: seconds(30) }, accumulation: "discarding" },
    })
    .aggregate({ sales: count() });
  busy.to(lake("busy"));
  busy.late.to(lake("late"));
  all
    .keyBy(({ till }) => `till ${till}`)
    .window(session(seconds(20)), { id: "quiet" })
    .aggregate({ sales: count(), tills: countDistinct("till") })
    .to(lake("quiet"));
  all
    .keyBy(({ product }) => `half ${product}`)
    .window(hopping(minutes(2), minutes(1)), { id: "half", trigger: { early: seconds(15) } })
    .aggregate({ sales: count(), ids: collect(100, "id") })
    .to(lake("half"));
  all
    .keyBy(({ product }) => `told ${product}`)
    .window(hopping(minutes(2), minutes(1)), {
      id: "told",
      trigger: { early: { when: ({ till }) => till === "t0" } },
    })
    .aggregate({ sales: count() })
    .to(lake("told"));
});

const app: Application = application("live", { streams: [sales], pipelines: [live] });

function requests(random: Random): Request[] {
  let n = 0;
  let now = 1_704_067_200_000;
  return Array.from({ length: 15 + random.below(15) }, () => {
    now += random.below(12_000);
    const events = Array.from({ length: 1 + random.below(3) }, (): Sale => {
      n += 1;
      return {
        id: `s${n}`,
        till: `t${random.below(5)}`,
        product: ["tea", "milk", "honey"][random.below(3)] ?? "tea",
        at: now - random.below(random.chance(0.1) ? 200_000 : 15_000),
      };
    });
    return { stream: sales.id, events };
  });
}

/** What can be said without working it all out: discarding panes of all time hold each sale once, since the input ends. */
function check({ requests, lake: rowsOf }: Outcome): string[] {
  const shown = (rowsOf("ever") as readonly { ids: string[] }[]).flatMap(({ ids }) => ids).sort();
  const sent = requests.flatMap(({ events }) => (events as readonly Sale[]).map(({ id }) => id)).sort();
  return shown.join() === sent.join() ? [] : [`panes for all time hold ${shown.join()} of ${sent.join()}`];
}

export const liveScenario: ChaosScenario = { app, input: requests, check };
