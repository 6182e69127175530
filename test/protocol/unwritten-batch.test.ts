import { expect, test } from "vitest";
import { z } from "zod";
import { zstd } from "../../functions/aws/zstd.ts";
import { simulatedEnvironment } from "../../local/simulator/environment.ts";
import { openGate } from "../../local/simulator/gate.ts";
import { createServices } from "../../local/simulator/services.ts";
import { encodeFrame } from "../../shared/frames/encode.ts";
import type { Frame } from "../../shared/frames/frame.ts";
import { application, epochMs, lake, pipeline, stream } from "../../shared/index.ts";
import { planApplication } from "../../shared/plan/planner.ts";
import { decodeEntry } from "../../shared/protocol/entry.ts";
import type { InRecord } from "../../shared/protocol/record.ts";
import { StageLoop } from "../../shared/protocol/stage-loop.ts";
import { settableClock } from "./conformance/settable-clock.ts";

const clicks = stream("clicks", { schema: z.object({ id: z.string() }), key: "id", partitions: 1 });
const kept = pipeline("kept", (p) => p.from(clicks).to(lake("clicks")));
const planned = planApplication(application("web", { streams: [clicks], pipelines: [kept] }));

const record = (n: number, frame: Frame): InRecord => ({
  shard: "shard-0",
  sequence: String(n),
  partitionKey: "p0",
  arrivedAt: epochMs(0),
  data: encodeFrame(frame, zstd),
});

const tick = record(1, { kind: "tick", stream: "clicks", partition: 0, sentAt: epochMs(60_000) });
const events = record(2, {
  kind: "events",
  stream: "clicks",
  partition: 0,
  sentAt: epochMs(20_000),
  events: [["1", epochMs(5), { id: "1" }]],
});

/** What the log says once each environment took its batches, the next one starting cold. */
async function processingTimes(environments: readonly (readonly InRecord[])[]): Promise<number[]> {
  const stage = planned.stages.get("kept.clicks");
  if (stage === undefined) throw new RangeError("the stage has another name");
  const clock = settableClock();
  const services = createServices(planned.plan, clock);
  let nonces = 0;
  const nonce = (): string => `nonce-${nonces++}`;
  const env = simulatedEnvironment({ services, gate: openGate, clock, compression: zstd, nonce });
  for (const batches of environments) {
    const loop = new StageLoop(stage, env);
    for (const batch of batches) await loop.run([batch]);
  }
  const items = await env.log.readAfter({ stage: stage.id, partition: 0, epoch: 0 }, 0);
  return items.map(({ body }) => decodeEntry(body, zstd).time.processingTime);
}

test("a tick that is not worth an entry leaves nothing behind in a warm environment", async () => {
  const warm = await processingTimes([[tick, events]]);
  expect(warm).toEqual([20_000]);
  expect(await processingTimes([[tick], [events]])).toEqual(warm);
});
