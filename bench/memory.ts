import { parseArgs } from "node:util";
import { USUAL } from "./growth/dimensions.ts";
import { measure } from "./growth/measure.ts";

const MILLION = 1_000_000;

/**
 * Claim: memory does not grow with the number of events. Events are made as they are read, out of order by up to 3 s,
 * as JSON lines, for 10,000 keys in four partitions and windows of 10 s. Run with `--expose-gc`: the heap is what is
 * left after a collection.
 */
if (import.meta.main) {
  const { values } = parseArgs({ options: { events: { type: "string", default: "20000000" } } });
  const workload = {
    ...USUAL,
    events: Number(values.events) / 2,
    keys: 10_000,
    outOfOrderMs: 3_000,
    disorderMs: 3_000,
    source: "selected lines",
    partitions: 4,
    logged: false,
  } as const;
  measure(workload, (events) => {
    if (events % MILLION !== 0) return;
    globalThis.gc?.();
    const { rss, heapUsed } = process.memoryUsage();
    console.log(
      `${events / MILLION} million events: heap ${Math.round(heapUsed / 1e6)} MB, resident ${Math.round(rss / 1e6)} MB`,
    );
  });
}
