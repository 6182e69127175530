import { z } from "zod";
import type { ChaosScenario, Request } from "../../local/simulator/chaos.ts";
import type { Random } from "../../local/simulator/random.ts";
import {
  type Application,
  application,
  collect,
  custom,
  epochMs,
  lake,
  listState,
  minutes,
  pattern,
  pipeline,
  seconds,
  session,
  stream,
  tumbling,
  valueState,
  view,
} from "../../shared/index.ts";

const Payment = z.strictObject({ id: z.string(), account: z.string(), cents: z.int(), at: z.int() });
type Payment = z.infer<typeof Payment>;

const payments = stream("payments", {
  schema: Payment,
  time: "at",
  outOfOrder: seconds(30),
  key: "account",
  partitions: 2,
});

/** Two ways to keep an amount: neither takes what the other kept for its own. */
type Way = { readonly keep: (cents: number) => unknown; readonly read: (kept: unknown) => number };
const CENTS: Way = {
  keep: (cents) => cents,
  read(kept) {
    if (typeof kept !== "number") throw new TypeError(`no cents: ${JSON.stringify(kept)}`);
    return kept;
  },
};
const AMOUNT: Way = {
  keep: (cents) => ({ amount: { cents } }),
  read(kept) {
    const { amount } = kept as { amount?: { cents: number } };
    if (amount === undefined) throw new TypeError(`no amount: ${JSON.stringify(kept)}`);
    return amount.cents;
  },
};

/** Gives the same rows in whatever way amounts are kept. */
function appOf({ keep, read }: Way, version: number): Application {
  const versioned =
    version === 1 ? {} : { version, migrate: (old: unknown): unknown => keep(CENTS.read(old)) };
  type Kept = { readonly id: string; readonly cents: unknown };
  const row = ({ id, cents }: Payment): Kept => ({ id, cents: keep(cents) });
  const rows = {
    ...(version > 1 && {
      version,
      migrate: (old: unknown): Kept => {
        const { id, cents } = old as Kept;
        return { id, cents: keep(CENTS.read(cents)) };
      },
    }),
  };
  const centsOf = ({ left, right }: { readonly left: Kept | null; readonly right: Kept | null }) => ({
    left: left && `${left.id} ${read(left.cents)}`,
    right: right && `${right.id} ${read(right.cents)}`,
  });
  const sum = custom<Payment, unknown, number>({
    create: () => keep(0),
    add: (kept, { cents }) => keep(read(kept) + cents),
    merge: (a, b) => keep(read(a) + read(b)),
    finish: read,
    ...versioned,
  });
  const balances = pipeline("balances", (p) => {
    const byAccount = p.from(payments).keyBy("account");
    byAccount
      .process({
        id: "balance",
        state: {
          total: valueState<unknown>(versioned),
          last: listState<unknown>({ ...versioned, ttl: minutes(4) }),
        },
        onEvent({ id, cents, at }, { state, timers }) {
          if (cents % 7 === 0) timers.at(epochMs(at + minutes(3)));
          const total = read(state.total.get() ?? keep(0)) + cents;
          state.total.set(keep(total));
          if (cents % 2 === 0) state.last.add(keep(cents));
          return [{ id, total, last: state.last.get().map(read) }];
        },
        onTimer: (time, { key, state }) => [
          { id: `${key} at ${time}`, total: read(state.total.get() ?? keep(0)), last: [] },
        ],
      })
      .to(lake("balances"));
    byAccount
      .window(session(minutes(2)), {
        id: "bursts",
        allowedLateness: minutes(2),
        trigger: { early: minutes(1) },
      })
      .aggregate({ cents: sum })
      .to(view("bursts", { key: (r) => r.key, sort: (r) => r.window.start }));
    const amounts = byAccount.map(row);
    amounts
      .join(amounts, {
        id: "beside",
        within: { from: minutes(0), to: minutes(3) },
        type: "left",
        kept: { left: rows, right: rows },
      })
      .map(centsOf)
      .to(lake("beside"));
    // rows of both versions are on their way to these
    const byLength = p
      .from(payments)
      .map(row)
      .keyBy(({ id }) => id.length % 3);
    byLength
      .join(byLength, { id: "together", window: tumbling(minutes(2)), kept: { left: rows, right: rows } })
      .map(centsOf)
      .to(lake("together"));
    byLength
      .batch({ id: "batches", size: 4, within: minutes(3), kept: rows })
      .map(({ values }) => ({ batch: values.map(({ id, cents }) => `${id} ${read(cents)}`) }))
      .to(lake("batches"));
    const dearer = pattern<Kept>()
      .begin("one", () => true)
      .followedBy("dearer", ({ cents }, { one }) => read(cents) > Math.max(...one.map((o) => read(o.cents))))
      .within(minutes(2));
    amounts
      .match(dearer, { id: "dearer", kept: rows })
      .map(({ match: { one, dearer } }) => ({ match: [...one, ...dearer].map(({ id }) => id) }))
      .to(lake("dearer"));
    byLength
      .filter(({ id }) => id.length % 2 === 0)
      .temporalJoin(byLength, { id: "as-of", type: "left", kept: { left: rows, right: rows } })
      .map(centsOf)
      .to(lake("as_of"));
    // control values that another stage orders first, and such that go straight to where they are kept
    const seen = (latest: ReadonlyMap<unknown, Kept>): string[] =>
      [...latest].map(([key, { id, cents }]) => `${key}: ${id} ${read(cents)}`);
    byAccount
      .withBroadcast(
        byLength.map((one) => (read(one.cents) % 5 === 0 ? null : one)),
        {
          id: "lengths",
          kept: rows,
          onEvent: ({ id }, latest) => [{ id, lengths: seen(latest) }],
        },
      )
      .to(lake("lengths"));
    // no control value's time shows a pane, in whatever version it comes
    byAccount
      .filter(({ cents }) => cents % 2 === 0)
      .withBroadcast(amounts, {
        id: "accounts",
        kept: rows,
        prepare: (kept) => ({ ...kept, cents: keep(read(kept.cents)) }),
        onEvent: ({ id }, latest) => [{ id, accounts: seen(latest) }],
      })
      .window(tumbling(minutes(5)), { id: "heard", trigger: { early: minutes(1) } })
      .aggregate({ all: collect(20) })
      .to(view("heard", { key: (r) => r.key, sort: (r) => r.window.start }));
    p.from(payments)
      .keyBy(({ id }) => id.length % 3)
      .window(tumbling(minutes(5)), { id: "by-length" })
      .aggregate({ cents: sum })
      .to(view("by_length", { key: (r) => r.key, sort: (r) => r.window.start }));
  });
  return application("payments", { streams: [payments], pipelines: [balances] });
}

const START = 1_704_067_200_000;

function input(random: Random): Request[] {
  let n = 0;
  return Array.from({ length: 8 + random.below(8) }, () => ({
    stream: payments.id,
    events: Array.from({ length: 1 + random.below(3) }, (): Payment => {
      n += 1;
      return {
        id: `payment-${"x".repeat(random.below(4))}${n}`,
        account: `account-${random.below(4)}`,
        cents: 1 + random.below(100),
        at: START + seconds(25) * n - (random.chance(0.15) ? minutes(3) : 0),
      };
    }),
  }));
}

/** A deployment that changes the shape of what is kept, while the version before still runs. */
export const upgradeScenario: ChaosScenario = { app: appOf(AMOUNT, 2), older: appOf(CENTS, 1), input };
