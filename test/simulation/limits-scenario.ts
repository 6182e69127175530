import { z } from "zod";
import type { ChaosScenario, Outcome, Request } from "../../local/simulator/chaos.ts";
import type { Random } from "../../local/simulator/random.ts";
import {
  type Application,
  application,
  count,
  lake,
  milliseconds,
  pipeline,
  stream,
  tumbling,
  view,
} from "../../shared/index.ts";

const Payment = z.strictObject({ id: z.string(), account: z.string(), euros: z.int(), time: z.int() });
/** A limit above 9 cannot be; one of 0 is no limit any more. */
const Limit = z.strictObject({ name: z.string(), region: z.string(), euros: z.int() });

const payments = stream("payments", {
  schema: Payment,
  time: "time",
  outOfOrder: milliseconds(20),
  key: "account",
  partitions: 3,
});
const limits = stream("limits", { schema: Limit, key: "region", partitions: 2 });

/**
 * Limits that everybody hears: by their names they are put into one order first, since their own stream spreads them
 * by region. What goes beyond them is counted in windows, so that the watermark must come through.
 */
const watch = pipeline("watch", (p) => {
  const beyond = p
    .from(payments)
    .keyBy("account")
    .withBroadcast(
      p
        .from(limits)
        .keyBy("name")
        .map((limit) => (limit.euros === 0 ? null : limit)),
      {
        id: "watched",
        prepare: ({ euros }) => {
          if (euros > 9) throw new RangeError(`${euros} is no limit`);
          return euros;
        },
        onEvent: ({ id, euros }, latest) =>
          [...latest].flatMap(([name, most]) => (euros > most ? [{ id: `${id}/${name}`, name, euros }] : [])),
      },
    );
  beyond.to(lake("beyond"));
  beyond
    .keyBy("name")
    .window(tumbling(milliseconds(50)), { id: "counts" })
    .aggregate({ payments: count() })
    .to(view("counts", { key: (r) => r.key, sort: (r) => r.window.start }));
});

const app: Application = application("limits", { streams: [payments, limits], pipelines: [watch] });

const START = 1_704_067_200_000;

const input = (random: Random): Request[] =>
  Array.from({ length: 25 + random.below(25) }, (_, n): Request => {
    if (random.chance(0.3)) {
      const name = `limit-${random.below(3)}`;
      const limit = { name, region: `region-${random.below(3)}`, euros: random.below(12) };
      return { stream: limits.id, events: [limit] };
    }
    const time = START + 10 * n - random.below(30);
    const account = `account-${random.below(5)}`;
    return { stream: payments.id, events: [{ id: `p${n}`, account, euros: random.below(12), time }] };
  });

/** The reference says which rows are right; that the end comes through, so that every window closes, it takes from the log. */
function check({ lake, view, counts }: Outcome): string[] {
  const counted = (view("counts") as { readonly payments: number }[]).reduce((n, row) => n + row.payments, 0);
  const right = lake("beyond").length - (counts()["watch.counts"]?.["late"] ?? 0);
  return counted === right
    ? []
    : [`${counted} payments are in windows that closed, where ${right} are right`];
}

export const limitsScenario: ChaosScenario = { app, input, check };
