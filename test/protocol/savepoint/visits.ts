import { expect } from "vitest";
import { z } from "zod";
import { zstd } from "../../../functions/aws/zstd.ts";
import type { Compression } from "../../../shared/frames/compression.ts";
import { encodeFrame } from "../../../shared/frames/encode.ts";
import type { Frame } from "../../../shared/frames/frame.ts";
import {
  type Application,
  application,
  count,
  lake,
  minutes,
  pipeline,
  type Stream,
  stream,
  tumbling,
  view,
} from "../../../shared/index.ts";
import type { Stage } from "../../../shared/operators/stage.ts";
import { type Planned, planApplication } from "../../../shared/plan/planner.ts";
import type { InRecord } from "../../../shared/protocol/record.ts";
import { createSavepoint } from "../../../shared/protocol/savepoint/create.ts";
import type { Savepoint } from "../../../shared/protocol/savepoint/manifest.ts";
import { type Restored, restoreSavepoint } from "../../../shared/protocol/savepoint/restore.ts";
import { StageLoop } from "../../../shared/protocol/stage-loop.ts";
import { epochMs } from "../../../shared/time/time.ts";
import { type InMemory, inMemory } from "../in-memory.ts";

export type Visit = { who: string; page: string; at: number };

export const visits = (partitions: number): Stream<Visit> =>
  stream("visits", {
    schema: z.object({ who: z.string(), page: z.string(), at: z.int() }),
    time: "at",
    key: "who",
    partitions,
  });

type AppOptions = {
  readonly minutes?: number;
  readonly partitions?: number;
  /** A lake table of all visits, too. */
  readonly lake?: boolean;
  /** Of the window. */
  readonly id?: string;
};

/** Counts the visits of each page, and shows each count at once. */
function appOf({ minutes: size = 1, partitions = 1, lake: all, id = "pages" }: AppOptions = {}): Application {
  const source = visits(partitions);
  return application("app", {
    streams: [source],
    pipelines: [
      pipeline("p", (p) => {
        const flow = p.from(source);
        flow
          .keyBy("page")
          .window(tumbling(minutes(size)), { id, trigger: { early: { events: 1 } } })
          .aggregate({ visits: count() })
          .to(view("pages", { key: (row) => row.key, sort: (row) => row.window.start }));
        if (all) flow.to(lake("all"));
      }),
    ],
  });
}

export const plan = (options: AppOptions = {}): Planned => planApplication(appOf(options));
export const planned: Planned = plan();

export function stageOf({ stages }: Planned, id: string): Stage {
  const stage = stages.get(id);
  if (stage === undefined) throw new RangeError(id);
  return stage;
}

const inRecord = (shard: string, sequence: number, data: Uint8Array): InRecord => ({
  shard,
  sequence: String(sequence),
  partitionKey: "p0",
  arrivedAt: epochMs(5_000),
  data,
});

/** A record, by its place in the shard of the source stream. */
export const recordOf = (sequence: number, frame: Frame, compression: Compression = zstd): InRecord =>
  inRecord("shard-1", sequence, encodeFrame(frame, compression));

export const event = (sequence: number, page = "/", partition = 0): InRecord =>
  recordOf(sequence, {
    kind: "events",
    stream: "visits",
    partition,
    sentAt: epochMs(sequence),
    events: [[`e${sequence}`, epochMs(sequence), { who: "ann", page, at: sequence }]],
  });

export async function run(
  env: InMemory,
  stage: string,
  records: readonly InRecord[],
  of: Planned = planned,
): Promise<void> {
  const outcome = await new StageLoop(stageOf(of, stage), env).run(records);
  expect(outcome).toEqual({ firstFailed: undefined, causes: [] });
}

/** The frames that were published, as a mapping would deliver them. */
export const delivered = (env: InMemory, to = "p.pages"): InRecord[] =>
  env.published.flatMap(({ stream: of, record }, i) =>
    of === to ? [inRecord("inner", i + 1, record.data)] : [],
  );

export const take = (env: InMemory, id = "one", of: Planned = planned): Promise<Savepoint> =>
  createSavepoint({ planned: of, env, id, streams: { visits: "visits-stream" } });

export const at = (env: InMemory, epoch: number): InMemory => ({ ...env, epoch });

/** In place, into an epoch of the same deployment. */
export const restore = (
  env: InMemory,
  savepoint: Savepoint,
  epoch: number = savepoint.epoch + 1,
  of: Planned = planned,
): Promise<Restored> => restoreSavepoint({ savepoint, from: env.blobs, planned: of, env: at(env, epoch) });

/** Two events are counted, the frame of a third is on its way. */
export async function begun(): Promise<InMemory> {
  const env = inMemory();
  await run(env, "p.visits", [event(1)]);
  await run(env, "p.visits", [event(2)]);
  await run(env, "p.pages", delivered(env));
  await run(env, "p.visits", [event(3)]);
  return env;
}
