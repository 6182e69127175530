import { z } from "zod";
import type { ChaosScenario, Request } from "../../../local/simulator/chaos.ts";
import type { Random } from "../../../local/simulator/random.ts";
import { type Application, application, lake, pipeline, stream } from "../../../shared/index.ts";
import { rules } from "../../../shared/rules.ts";

const Order = z.strictObject({
  id: z.string(),
  customer: z.string(),
  euros: z.int(),
  land: z.string().optional(),
});
const Rule = z.strictObject({ name: z.string(), when: z.string() });

const orders = stream("orders", { schema: Order, key: "customer", partitions: 3 });
const alerts = stream("alerts", { schema: Rule, key: "name", partitions: 2 });

/** Some of these cannot be read, and some fail orders without a land. */
const TEXTS: readonly string[] = [
  "event.euros > 5",
  "event.euros >",
  "event.land == 'de'",
  "has(event.land) && event.land == 'at' && event.euros < 8",
  "event.euros.matches('x')",
  "event.euros",
  "",
];

const watch = pipeline("watch", (p) => {
  const control = p
    .from(alerts)
    .keyBy("name")
    .map((alert) => (alert.when === "" ? null : alert));
  const matches = p.from(orders).withBroadcast(control, rules({ id: "matched", when: "when" }));
  matches.map(({ rule, value }) => ({ rule, order: value.id })).to(lake("matches"));
  matches.failed.to(lake("failed"));
});

export const app: Application = application("rules", { streams: [orders, alerts], pipelines: [watch] });

export const rulesScenario: ChaosScenario = {
  app,
  input: (random: Random) =>
    Array.from({ length: 25 + random.below(25) }, (_, n): Request => {
      if (random.chance(0.4))
        return { stream: alerts.id, events: [{ name: `rule-${random.below(3)}`, when: random.pick(TEXTS) }] };
      const land = random.pick(["de", "at", undefined]);
      const customer = `c${random.below(5)}`;
      return {
        stream: orders.id,
        events: [{ id: `o${n}`, customer, euros: random.below(12), ...(land === undefined ? {} : { land }) }],
      };
    }),
  check: () => [],
};
