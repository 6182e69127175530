import { BLOCK_TEXTS } from "../../local/run/read-lines.ts";
import { createPartitioner } from "../../shared/frames/partitioner.ts";
import {
  application,
  count,
  type DurationMs,
  type Flow,
  hopping,
  lake,
  milliseconds,
  pipeline,
  stream,
  sum,
  trusted,
  tumbling,
} from "../../shared/index.ts";
import { Fold } from "../../shared/operators/fold.ts";
import { SourceReader } from "../../shared/operators/source-reader.ts";
import { keepsNothing, type Stage } from "../../shared/operators/stage.ts";
import { planApplication } from "../../shared/plan/planner.ts";
import type { EpochMs } from "../../shared/time/time.ts";
import { Random } from "../nexmark/random.ts";
import type { Workload } from "./dimensions.ts";

type Event = { readonly k: number; readonly t: number; readonly n: number; readonly pad: string };

/** Events of a batch, as a stage commits them. */
const BATCH = 10_000;
const EVENTS_PER_MS = 10;

export type Measured = { readonly nanosPerEvent: number; readonly peakRssBytes: number };

/** One stage: events by key into windows, results to a lake table's stage. */
function stageOf({ windowMs, overlap, aggregate, outOfOrderMs, partitions, source }: Workload): Stage {
  const events = stream("events", {
    schema: trusted<Event>(),
    time: "t",
    key: "k",
    partitions,
    outOfOrder: milliseconds(outOfOrderMs) as DurationMs,
  });
  const size = milliseconds(windowMs);
  const window = overlap === 1 ? tumbling(size) : hopping(size, milliseconds(windowMs / overlap));
  const built = pipeline("p", (p) => {
    const all = p.from(events);
    const read = (source === "selected lines" ? all.select("k", "n") : all) as Flow<Pick<Event, "k" | "n">>;
    const windowed = read.keyBy("k").window(window, { id: "w" });
    if (aggregate === "count") windowed.aggregate({ n: count() }).to(lake("out"));
    else windowed.aggregate({ n: sum("n") }).to(lake("out"));
  });
  const { stages } = planApplication(application("growth", { streams: [events], pipelines: [built] }));
  return stages.get("p.events") as Stage;
}

/** Runs a workload, twice as many events as are measured: the first half warms code and fills windows. */
export function measure(workload: Workload, watch: (events: number) => void = () => {}): Measured {
  const stage = stageOf(workload);
  const folds = Array.from({ length: workload.partitions }, () => new Fold(stage, { codeVersion: "bench" }));
  const partitionOf = createPartitioner(workload.partitions);
  const random = new Random().seed(1, 1);
  const { keys, disorderMs, outOfOrderMs, valueChars, source, events } = workload;
  const pad = "x".repeat(valueChars);
  let nth = 0;
  const next = (): Event => {
    const t = Math.floor(nth / EVENTS_PER_MS) - (disorderMs === 0 ? 0 : random.int(disorderMs + 1));
    nth += 1;
    return { k: random.int(keys), t, n: nth % 100, pad };
  };
  const take = (id: string | number, time: EpochMs, key: number, payload: unknown): void =>
    folds[partitionOf(key)]?.event(id, time, key, payload, outOfOrderMs);
  const input = stage.input.kind === "source" ? stage.input : undefined;
  const reader = input && new SourceReader(input, stage.id, { ...BLOCK_TEXTS, shared: keepsNothing(stage) });
  let nanos = 0;
  for (let done = 0; done < 2 * events; done += BATCH) {
    const batch = Array.from({ length: BATCH }, next);
    const text = source === "objects" ? "" : batch.map((event) => `${JSON.stringify(event)}\n`).join("");
    const bytes = Buffer.from(text);
    // what made the events is not measured, nor what the collector does about them
    globalThis.gc?.({ type: "minor" });
    const before = process.cpuUsage();
    for (const fold of folds) fold.record("shard:1", 0 as EpochMs);
    if (source === "objects") for (const event of batch) take("e", event.t as EpochMs, event.k, event);
    else
      reader?.each(bytes, bytes.length, 0 as EpochMs, () =>
        take(reader.line, reader.time, reader.key as number, reader.payload),
      );
    for (const fold of folds) {
      if (workload.logged) fold.seal();
      fold.keep();
    }
    const { user, system } = process.cpuUsage(before);
    watch(done);
    if (done >= events) nanos += (user + system) * 1_000;
  }
  return { nanosPerEvent: nanos / events, peakRssBytes: process.resourceUsage().maxRSS * 1024 };
}

if (import.meta.main) console.log(JSON.stringify(measure(JSON.parse(process.argv[2] ?? "{}"))));
