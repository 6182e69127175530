import type { EventInfo } from "../../shared/events/event.ts";
import { copyOf } from "./keepable.ts";
import type { Aggregates } from "./stage.ts";

/** An event in a window: what each aggregate picked of it. */
export type Taken = { readonly picked: Readonly<Record<string, unknown>>; readonly info: EventInfo };

/**
 * The events of a window, in order: those of the sessions that it was made of, the earlier session's first, and those
 * that came since.
 */
export type Content = { readonly of: readonly Content[]; readonly events: readonly Taken[] };

export const EMPTY: Content = { of: [], events: [] };

export const withEvent = (content: Content, event: Taken): Content => ({
  ...content,
  events: [...content.events, event],
});

const all = ({ of, events }: Content): Taken[] => [...of.flatMap(all), ...events];

/** What the aggregates give for all events of a window, each computed anew from its definition. */
export const resultsOf = (aggregates: Aggregates, content: Content): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(aggregates).map(([name, aggregate]) => [
      name,
      DEFINED.has(aggregate.name)
        ? definitionOf(aggregate, name, content)
        : aggregate.finish(byItsSteps(aggregate, name, content)),
    ]),
  );

/** What the user's own aggregates keep of the events. Throws what they throw. */
export const customStates = (aggregates: Aggregates, content: Content): unknown[] =>
  Object.entries(aggregates).flatMap(([name, aggregate]) =>
    aggregate.name === "custom" ? [byItsSteps(aggregate, name, content)] : [],
  );

type AnyAggregate = Aggregates[string];

/** What has a definition apart from its own steps. A sketch has none: what it gives is what its steps make. */
const DEFINED: ReadonlySet<string> = new Set([
  ...["count", "sum", "avg", "min", "max", "first", "last", "collect", "quantile"],
  "sum/whole",
]);

/** Create, add each event; join the sessions that have become one. */
function byItsSteps(aggregate: AnyAggregate, name: string, { of, events }: Content): unknown {
  const parts = of.map((part) => byItsSteps(aggregate, name, part));
  const start = parts.length === 0 ? aggregate.create() : parts.reduce((a, b) => aggregate.merge(a, b));
  return events.reduce(
    (state, { picked, info }) => aggregate.add(state, copyOf(picked[name]) as never, info),
    start,
  );
}

function definitionOf({ name: kind, parameter }: AnyAggregate, name: string, content: Content): unknown {
  const values = all(content).map(({ picked }) => picked[name]);
  const numbers = values as number[];
  switch (kind) {
    case "count":
    case "sum":
      return sumOf(content, name);
    case "sum/whole":
      return Number(numbers.reduce((sum, n) => sum + BigInt(n), 0n));
    case "avg":
      return sumOf(content, name) / values.length;
    case "min":
      return numbers.reduce((a, b) => Math.min(a, b));
    case "max":
      return numbers.reduce((a, b) => Math.max(a, b));
    case "first":
      return (values as Timed[]).reduce((a, b) => (b.time < a.time ? b : a)).value;
    case "last":
      return (values as Timed[]).reduce((a, b) => (b.time >= a.time ? b : a)).value;
    case "collect":
      return values.slice(0, parameter);
    case "quantile":
      return numbers
        .toSorted((a, b) => a - b)
        .find((x) => numbers.filter((y) => y <= x).length / numbers.length >= (parameter ?? Number.NaN));
    default:
      throw new TypeError(`the reference has no definition of the aggregate "${kind}"`);
  }
}

type Timed = { readonly time: number; readonly value: unknown };

/** In the order of the events; sessions were summed up before they became one, which doubles can tell. */
function sumOf({ of, events }: Content, name: string): number {
  const before = of.map((part) => sumOf(part, name));
  return events.reduce(
    (sum, { picked }) => sum + (picked[name] as number),
    before.length === 0 ? 0 : before.reduce((a, b) => a + b),
  );
}
