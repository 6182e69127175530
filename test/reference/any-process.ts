import { fc } from "@fast-check/vitest";
import {
  type EpochMs,
  epochMs,
  type ListState,
  lake,
  listState,
  milliseconds as ms,
  type ValueState,
  valueState,
} from "../../shared/index.ts";
import { anyMs, type Row, type Rows } from "./rows.ts";

/** One operator of a generated pipeline. */
export type ProcessStep = {
  readonly kind: "process";
  /** By whose time its states and timers go. */
  readonly in: "event-time" | "processing-time";
  readonly ttl: number;
  readonly after: number;
  readonly throwsAt: number;
};

export const anyProcess: fc.Arbitrary<ProcessStep> = fc.record({
  kind: fc.constant("process" as const),
  in: fc.constantFrom("event-time" as const, "processing-time" as const, "processing-time" as const),
  // a request takes seconds, a tick a minute
  ttl: fc.oneof(anyMs(1, 60), anyMs(1_000, 200_000)),
  after: fc.oneof(anyMs(1, 60), anyMs(1_000, 200_000)),
  throwsAt: fc.nat({ max: 20 }),
});

/** Tells what it remembers with each event, and once more some time after the last of a key. */
export function processed(flow: Rows, step: ProcessStep, i: number): Rows {
  const { in: domain, ttl, after, throwsAt } = step;
  const byClock = domain === "processing-time";
  type State = { readonly seen: ListState<string>; readonly due: ValueState<EpochMs> };
  const told = (what: string, { seen }: State, key: string | number, t: number): Row => {
    const ids = seen.get();
    return { id: `${what}[${ids.join("+")}]`, k: String(key), g: ids.length % 3, t, n: ids.length % 8 };
  };
  const onTime = (
    at: EpochMs,
    { state, key, time }: { state: State; key: string | number; time: number },
  ) => {
    state.due.clear();
    if (at % 5 === 0) throw new RangeError("five");
    return [told(`after ${at}: `, state, key, time)];
  };
  const out = flow.process({
    id: `process_${i}`,
    state: {
      seen: listState<string>({ ttl: ms(ttl), in: domain }),
      due: valueState<EpochMs>(),
    },
    onEvent({ id, n }, { key, time, processingTime, state, timers }) {
      state.seen.add(id);
      if (n === throwsAt) throw new RangeError("an event is refused");
      const before = state.due.get();
      const due = epochMs((byClock ? processingTime : time) + after);
      state.due.set(due);
      if (byClock) {
        if (before !== undefined) timers.cancelProcessingTime(before);
        timers.atProcessingTime(due);
      } else {
        if (before !== undefined) timers.cancel(before);
        timers.at(due);
      }
      return [told(`${id}: `, state, key, time)];
    },
    ...(byClock ? { onProcessingTimer: onTime } : { onTimer: onTime }),
  });
  out.failed.to(lake(`failed_${i}`));
  return out;
}
