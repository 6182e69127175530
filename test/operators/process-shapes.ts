import {
  count,
  type DurationMs,
  epochMs,
  type KeyedFlow,
  type ListState,
  listState,
  type MapState,
  mapState,
  milliseconds as ms,
  tumbling,
  type ValueState,
  valueState,
} from "../../shared/index.ts";
import type { Stage } from "../../shared/operators/stage.ts";
import { type Reading, sourceStage } from "./one-stage.ts";
import { source } from "./shape-source.ts";

/** Writes, deletes, sets timers and throws, by the event's number; gives what it sees before. */
export const busyProcess = (flow: KeyedFlow<string, Reading>, ttl: DurationMs): KeyedFlow<string, string> =>
  flow.process({
    id: "p",
    state: {
      last: valueState<string>({ ttl }),
      all: listState<string>({ ttl }),
      named: mapState<string, string>({ ttl }),
    },
    onEvent({ id, n, t }, { state, timers }) {
      const { last, all, named } = state;
      const seen = seenIn(state);
      const name = `${t % 3}`;
      if (n === 0) last.set(id);
      if (n === 1 || n === 6) all.add(id);
      if (n === 2 || n === 4) named.set(name, id);
      if (n === 3) {
        last.clear();
        named.delete(name);
      }
      if (n === 4) all.clear();
      if (n === 5) for (const later of [7, 11]) timers.at(epochMs(t + later));
      if (n === 6) throw new Error("six");
      if (n === 7) timers.cancel(epochMs(t + 7));
      return [`${id}: ${seen}`];
    },
    onTimer: (_time, { key, state }) => [`timer ${key}: ${seenIn(state)}`],
  });

/** The same by processing time, with timers that ask for more of them, throw, and are cancelled. */
const busyByProcessingTime = (flow: KeyedFlow<string, Reading>): KeyedFlow<string, string> =>
  flow.process({
    id: "p",
    state: {
      last: valueState<string>({ ttl: ms(20), in: "processing-time" }),
      all: listState<string>({ ttl: ms(35), in: "processing-time" }),
      named: mapState<string, string>({ ttl: ms(25) }),
    },
    onEvent({ id, n, t }, { state, timers, processingTime }) {
      const { last, all, named } = state;
      const seen = `${seenIn(state)} at ${processingTime}`;
      if (n === 0) last.set(id);
      if (n === 1 || n === 6) all.add(id);
      if (n === 2) named.set(`${t % 3}`, id);
      if (n === 3) timers.at(epochMs(t + 9));
      if (n === 4) for (const later of [-5, 30]) timers.atProcessingTime(epochMs(processingTime + later));
      if (n === 5) for (const later of [4, 17]) timers.atProcessingTime(epochMs(processingTime + later));
      if (n === 6) throw new Error("six");
      if (n === 7)
        for (let at = 0; at < 40; at += 1) timers.cancelProcessingTime(epochMs(processingTime + at));
      return [`${id}: ${seen}`];
    },
    onTimer(_time, { key, state, timers, processingTime }) {
      timers.atProcessingTime(epochMs(processingTime + 3));
      return [`timer ${key}: ${seenIn(state)}`];
    },
    onProcessingTimer(time, { key, state, timers, processingTime }) {
      if (time % 5 === 0) timers.atProcessingTime(epochMs(time + 7));
      state.last.set(`${time}`);
      if (time % 7 === 0) throw new Error("seven");
      return [`called ${key} for ${time}: ${seenIn(state)} at ${processingTime}`];
    },
  });

const seenIn = (state: {
  readonly last: ValueState<string>;
  readonly all: ListState<string>;
  readonly named: MapState<string, string>;
}): string =>
  [
    state.last.get() ?? "none",
    state.all.get(),
    state.named.entries().map(([name, value]) => `${name}=${value}`),
  ].join("; ");

/** Processes, by both clocks, and what may be behind one. */
export const processShapes: Readonly<Record<string, Stage>> = {
  "a process": sourceStage((readings) => {
    const out = busyProcess(readings.keyBy("k"), ms(25));
    return { out, failed: out.failed };
  }, source),
  "a process by processing time": sourceStage((readings) => {
    const out = busyByProcessingTime(readings.keyBy("k"));
    return { out, failed: out.failed };
  }, source),
  "windows behind a process by processing time": sourceStage((readings) => {
    const rows = busyByProcessingTime(readings.keyBy("k"));
    const out = rows
      .window(tumbling(ms(20)), { id: "w", trigger: { early: ms(10) } })
      .aggregate({ rows: count() });
    return { out, late: out.late };
  }, source),
};
