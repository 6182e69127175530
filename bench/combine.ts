import { parseArgs } from "node:util";
import { zstd } from "../functions/aws/zstd.ts";
import { simulatedEnvironment } from "../local/simulator/environment.ts";
import { openGate } from "../local/simulator/gate.ts";
import { createServices } from "../local/simulator/services.ts";
import { StageReader } from "../local/simulator/stage-reader.ts";
import { decodeFrame } from "../shared/frames/decode.ts";
import { planApplication } from "../shared/plan/planner.ts";
import type { Environment } from "../shared/protocol/environment.ts";
import type { InRecord } from "../shared/protocol/record.ts";
import { StageLoop } from "../shared/protocol/stage-loop.ts";
import { systemClock } from "../shared/time/clock.ts";
import { saleBatches, salesApplication, type Way } from "./combine/sales.ts";
import { atLeast, atMost, type Figure, median, print } from "./report.ts";

export type CombineRun = { readonly events: number; readonly rounds: number };

const PRODUCTS = 10_000;

/**
 * Claim: combining a commit's rows before a shuffle sends fewer of them, costs less on both sides together, and takes
 * the load off the partition of a hot key; spreading keys does that too where rows are not combined. Services are models
 * in memory. Each comparison is of runs in turns.
 */
export async function combineFigures({ events, rounds }: CombineRun): Promise<Figure[]> {
  const skewed = saleBatches(events, 1, PRODUCTS);
  const even = saleBatches(events, 0, PRODUCTS);
  return [
    ...(await compared("Zipf", skewed, {}, rounds, 1.2)),
    ...(await compared("Zipf, with a sum of doubles", skewed, { sums: "doubles" }, rounds)),
    ...(await compared("Zipf, with a sum of whole numbers", skewed, { sums: "whole" }, rounds, 1.1)),
    ...(await compared("Zipf, sessions", skewed, { windows: "sessions" }, rounds, 1.1)),
    ...(await compared("Zipf, for all time", skewed, { windows: "global" }, rounds, 1.1)),
    ...(await compared("Zipf, early panes", skewed, { windows: "early" }, rounds, 1.1)),
    ...(await compared(
      "Zipf, early panes by the clock",
      skewed,
      { windows: "early by the clock" },
      rounds,
      1.1,
    )),
    ...(await compared("evenly", even, {}, rounds, 0.9)),
    ...(await compared("evenly, sessions", even, { windows: "sessions" }, rounds, 0.9)),
    ...(await loads(skewed)),
  ];
}

async function compared(
  name: string,
  batches: readonly (readonly InRecord[][])[],
  way: Omit<Way, "combine">,
  rounds: number,
  aim?: number,
): Promise<Figure[]> {
  const with_: Measured[] = [];
  const without: Measured[] = [];
  for (let round = 0; round < rounds; round += 1) {
    without.push(await measured({ ...way, combine: false }, batches));
    with_.push(await measured({ ...way, combine: true }, batches));
  }
  const [plain, combined] = [without[0] as Measured, with_[0] as Measured];
  const rows = (one: Measured): number => sumOf(one.rows.get("per-product.per-10-s")) / one.events;
  const bytes = (one: Measured): number => sumOf(one.bytes.get("per-product.per-10-s")) / one.events;
  const speed = (one: Measured): number => one.events / one.cpuSeconds;
  return [
    { name: `${name}: rows over the shuffle`, value: rows(plain), unit: "per event" },
    { name: `${name}: the same, combined`, value: rows(combined), unit: "per event" },
    { name: `${name}: bytes over the shuffle`, value: bytes(plain), unit: "per event" },
    { name: `${name}: the same, combined`, value: bytes(combined), unit: "per event" },
    { name: `${name}: both stages`, value: median(without.map(speed)), unit: "events/CPU-s" },
    { name: `${name}: the same, combined`, value: median(with_.map(speed)), unit: "events/CPU-s" },
    {
      name: `${name}: combined`,
      value: median(with_.map((one, i) => speed(one) / speed(without[i] as Measured))),
      unit: "times as fast",
      ...(aim === undefined ? {} : { aim: atLeast(aim) }),
    },
  ];
}

/** Of the stage that takes each key's rows first, how much more than its share the busiest partition takes. */
async function loads(batches: readonly (readonly InRecord[][])[]): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const [name, way, stage, aim] of [
    ["as it is", { combine: false }, "per-product.per-10-s", undefined],
    ["combined", { combine: true }, "per-product.per-10-s", 1.3],
    ["spread(8), not combined before", { combine: false, spread: 8 }, "per-product.per-10-s.spread", 1.3],
    ["spread(8), the window behind it", { combine: false, spread: 8 }, "per-product.per-10-s", 1.3],
  ] as const) {
    const rows = (await measured(way, batches)).rows.get(stage) ?? [];
    figures.push({
      name: `rows of the busiest partition, ${name}`,
      value: (Math.max(...rows) * rows.length) / sumOf(rows),
      unit: "of its share",
      ...(aim === undefined ? {} : { aim: atMost(aim) }),
    });
  }
  return figures;
}

type Measured = {
  readonly events: number;
  readonly cpuSeconds: number;
  /** By stage, of each partition. */
  readonly rows: ReadonlyMap<string, readonly number[]>;
  readonly bytes: ReadonlyMap<string, readonly number[]>;
};

async function measured(way: Way, batches: readonly (readonly InRecord[][])[]): Promise<Measured> {
  const { plan, stages } = planApplication(salesApplication(way));
  const services = createServices(plan, systemClock);
  let nonce = 0;
  const sent: Sent = new Map();
  const env = counting(
    simulatedEnvironment({
      services,
      gate: openGate,
      clock: systemClock,
      compression: zstd,
      nonce: () => String(++nonce),
    }),
    sent,
  );
  const [source, ...others] = [...stages.values()];
  if (source === undefined) throw new Error("the application has no stage");
  const loop = new StageLoop(source, env);
  // what the windows give is not part of the comparison
  const readers = others
    .filter(({ kind }) => kind === "stage")
    .map((stage) => new StageReader(stage, env, services));
  const before = process.cpuUsage();
  for (const round of batches) {
    for (const records of round) {
      const { firstFailed, causes } = await loop.run(records);
      if (firstFailed !== undefined) throw causes[0];
    }
    for (const reader of readers) await reader.run();
  }
  const { user, system } = process.cpuUsage(before);
  const [rows, bytes] = [new Map<string, number[]>(), new Map<string, number[]>()];
  for (const { id, partitions } of others) {
    const records = Array.from({ length: partitions }, (_, at) => sent.get(id)?.[at] ?? []);
    rows.set(
      id,
      records.map((some) => sumOf(some.map(rowsIn))),
    );
    bytes.set(
      id,
      records.map((some) => sumOf(some.map((data) => data.length))),
    );
  }
  const events = batches.length * sumOf(batches[0]?.map((records) => records.length * 1_000));
  return { events, cpuSeconds: (user + system) / 1e6, rows, bytes };
}

function rowsIn(data: Uint8Array): number {
  const frame = decodeFrame(data, zstd);
  return frame?.kind === "rows" ? frame.rows.length : 0;
}

/** By stream, what goes to each partition. */
type Sent = Map<string, Uint8Array[][]>;

/** The same, with what goes to each partition of each stream. */
const counting = (env: Environment, sent: Sent): Environment => ({
  ...env,
  streams: {
    publish: (stream, records) => {
      const to = sent.get(stream) ?? [];
      sent.set(stream, to);
      for (const { partition, data } of records) to[partition] = [...(to[partition] ?? []), data];
      return env.streams.publish(stream, records);
    },
  },
});

const sumOf = (numbers: readonly number[] = []): number => numbers.reduce((sum, n) => sum + (n ?? 0), 0);

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      events: { type: "string", default: "800000" },
      rounds: { type: "string", default: "5" },
      json: { type: "boolean", default: false },
    },
  });
  print(await combineFigures({ events: Number(values.events), rounds: Number(values.rounds) }), values.json);
}
