import {
  type DurationMs,
  type EpochMs,
  epochMs,
  listState,
  mapState,
  seconds,
  valueState,
} from "../../../shared/index.ts";
import { type Build, field, type given, NOON } from "./given.ts";

export const is = (driver: Awaited<ReturnType<typeof given>>): unknown[] => field(driver, "out", "is");
export const row = (
  ms: number,
  n = 1,
  k = "a",
): { readonly at: number; readonly n: number; readonly k: string } => ({ at: NOON + ms, n, k });
export const at = (ms: number): EpochMs => epochMs(NOON + ms);
export const open: { readonly end: boolean } = { end: false };
export const SECOND: DurationMs = seconds(1);

/** Tells what is in each state before an event, which then writes: into the map by its `n`. 0 writes nothing. */
export const lived =
  (ttl: DurationMs | undefined, outOfOrder?: "processing-time"): Build =>
  (things) => {
    const options = { ...(ttl && { ttl }), ...(outOfOrder && { in: outOfOrder }) };
    return {
      out: things.keyBy("k").process({
        id: "f",
        state: {
          value: valueState<number>(options),
          list: listState<number>(options),
          map: mapState<number, true>(options),
        },
        onEvent({ n }, { state }) {
          const names = state.map.entries().map(([name]) => name);
          const told = `${state.value.get()}; ${state.list.get()}; ${names}`;
          if (n > 0) {
            state.value.set(n);
            state.list.add(n);
            state.map.set(n, true);
          }
          return [{ is: told }];
        },
      }),
    };
  };
