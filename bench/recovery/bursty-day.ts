import { zstd } from "../../functions/aws/zstd.ts";
import { simulatedEnvironment } from "../../local/simulator/environment.ts";
import { openGate } from "../../local/simulator/gate.ts";
import { createServices, LOG_TABLE, type Services } from "../../local/simulator/services.ts";
import { VirtualClock } from "../../local/simulator/virtual-clock.ts";
import { planApplication } from "../../shared/plan/planner.ts";
import type { Environment } from "../../shared/protocol/environment.ts";
import { decodeSnapshot } from "../../shared/protocol/snapshot.ts";
import { StageLoop } from "../../shared/protocol/stage-loop.ts";
import { epochMs, minutes } from "../../shared/time/time.ts";
import { Numbers, Source, sessions, sessionsStage } from "./profiles.ts";

const START = epochMs(1_704_067_200_000);
const STEP = minutes(1);
const PARTITION = { stage: sessionsStage.id, partition: 0, epoch: 0 };

/** A partition at the end of an hour of virtual time. */
export type Hour = {
  readonly hour: number;
  readonly events: number;
  readonly logEntries: number;
  /** In objects that the newest snapshot needs. */
  readonly snapshotMb: number;
  readonly heapMb: number;
  readonly openSessions: number;
};

/** Users a minute: quiet nights, days that swell and ebb, and each third hour a burst of five minutes ten times as high. */
function usersAt(minute: number, peak: number): number {
  const hour = (minute / 60) % 24;
  const day = Math.max(0.05, Math.sin(((hour - 6) / 24) * 2 * Math.PI));
  const burst = Math.floor(hour) % 3 === 0 && minute % 60 < 5 ? 10 : 1;
  return Math.round((peak / 10) * day * burst);
}

/** Runs days of virtual time, one batch a minute, and looks at the partition each hour. */
export async function burstyDays(days: number, peak: number): Promise<Hour[]> {
  const { plan } = planApplication(sessions);
  const clock = new VirtualClock(START);
  const services = createServices(plan, clock);
  let nonce = 0;
  const env: Environment = {
    ...simulatedEnvironment({
      services,
      gate: openGate,
      clock,
      compression: zstd,
      nonce: () => `n${nonce++}`,
    }),
    // a view grows with what was ever given
    views: { write: async () => {} },
  };
  const loop = new StageLoop(sessionsStage, env);
  const source = new Source();
  const numbers = new Numbers(5);
  const hoursSeen: Hour[] = [];
  let events = 0;
  for (let minute = 0; minute < days * 24 * 60; minute += 1) {
    const users = Array.from({ length: usersAt(minute, peak) }, () => ({
      user: numbers.below(peak * 100),
      profile: "",
    }));
    events += users.length;
    const { firstFailed, causes } = await loop.run(source.records(clock.now(), users));
    if (firstFailed !== undefined) throw causes[0];
    clock.advance(STEP);
    if ((minute + 1) % 60 !== 0) continue;
    const needed = await neededObjects(env);
    (globalThis as { gc?: () => void }).gc?.();
    hoursSeen.push({
      hour: (minute + 1) / 60,
      events,
      logEntries: entriesIn(services.dynamodb),
      snapshotMb: [...needed.values()].reduce((sum, bytes) => sum + bytes, 0) / 1e6,
      heapMb: process.memoryUsage().heapUsed / 1e6,
      openSessions: (await env.log.readAfter(PARTITION, 0)).at(-1)?.counts["open"] ?? Number.NaN,
    });
  }
  return hoursSeen;
}

/** Objects that the newest snapshot needs, and their sizes. */
async function neededObjects({ log, blobs, compression }: Environment): Promise<ReadonlyMap<string, number>> {
  const ref = await log.snapshot(PARTITION);
  const bytes = ref === undefined ? undefined : await blobs.get(ref.key);
  if (ref === undefined || bytes === undefined) return new Map();
  const { objects } = decodeSnapshot(ref.key, bytes, compression);
  return new Map(objects).set(ref.key, bytes.length);
}

function entriesIn(dynamodb: Services["dynamodb"]): number {
  let count = 0;
  let from: ReturnType<typeof dynamodb.query>["LastEvaluatedKey"];
  do {
    const page = dynamodb.query({
      TableName: LOG_TABLE,
      KeyConditionExpression: "pk = :pk AND v > :v",
      ExpressionAttributeValues: { ":pk": { S: `${PARTITION.stage}#0#0` }, ":v": { N: "0" } },
      ...(from === undefined ? {} : { ExclusiveStartKey: from }),
    });
    count += page.Items?.length ?? 0;
    from = page.LastEvaluatedKey;
  } while (from !== undefined);
  return count;
}
