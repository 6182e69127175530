import { MillraceError } from "../../errors/millrace-error.ts";
import type { Stage } from "../../operators/stage.ts";
import type { StagePlan } from "../../plan/plan.ts";
import type { Planned } from "../../plan/planner.ts";
import { BEGINNING_OF_TIME } from "../../time/time.ts";
import { encodeEntry, quietEntry } from "../entry.ts";
import type { Environment } from "../environment.ts";
import { writtenBy } from "../fence.ts";
import type { LogItem } from "../ports.ts";
import { publishEntry } from "../publish.ts";
import { copyOfSnapshot } from "./copy-snapshot.ts";
import { type Cut, cutPartition } from "./cut.ts";
import { type Cuts, framesOf, spansInFlight } from "./in-flight.ts";
import { type SavedPartition, type Savepoint, savedKey, writeManifest } from "./manifest.ts";
import { inParts } from "./parts.ts";
import { encodeLog, openingNonce } from "./saved-log.ts";
import { upstreamFirst } from "./upstream-first.ts";

export type SavepointOptions = {
  readonly planned: Planned;
  /** Of the deployment, its epoch with it. */
  readonly env: Environment;
  readonly id: string;
  /** By id, what the source streams are called. */
  readonly streams: Readonly<Record<string, string>>;
  /** Where it is written. @default the deployment's own */
  readonly blobs?: Environment["blobs"];
};

/**
 * Takes a savepoint of all stages of an application, while they run: nobody is stopped or asked.
 *
 * Receivers are read before those who send to them. So all that a receiver had taken, its sender had sent when it was
 * read; what was sent and not taken is found in the sender's entries, and is part of the savepoint.
 * @throws MillraceError `SAVEPOINT_FRAMES_GONE`, `SAVEPOINT_TORN`, `LOG_GAP`, `SNAPSHOT_UNKNOWN`
 */
export async function createSavepoint(options: SavepointOptions): Promise<Savepoint> {
  const { planned, env, id, streams, blobs = env.blobs } = options;
  const { epoch = 0 } = env;
  const stages = upstreamFirst(planned);
  const cuts: Cuts = await cutsOf(env, stages.toReversed());
  const savepoint = { id, application: planned.plan.application };
  const saved = await inParts(stages, async (plan) => ({
    plan,
    partitions: await inParts(cuts.get(plan.id) ?? [], async (cut) => {
      await publishLast(env, cut);
      return save({ ...env, blobs }, env, savepoint, cut, cuts);
    }),
  }));
  const whole: Savepoint = {
    format: 1,
    ...savepoint,
    epoch,
    createdAt: env.clock.now(),
    codeVersion: env.codeVersion,
    streams,
    stages: saved,
  };
  await writeManifest(blobs, whole);
  return whole;
}

async function cutsOf(env: Environment, receiversFirst: readonly StagePlan[]): Promise<Cuts> {
  const cuts = new Map<Stage["id"], Cut[]>();
  for (const { id: stage, partitions } of receiversFirst) {
    const ids = Array.from({ length: partitions }, (_, partition) => ({
      stage,
      partition,
      epoch: env.epoch ?? 0,
    }));
    // one stage after the other: that is what makes the cut one
    cuts.set(stage, await inParts(ids, (id) => cutPartition(env, id)));
  }
  return cuts;
}

/** Of the last entry nothing says that what it gave has arrived. A receiver that has it already changes nothing. */
async function publishLast(env: Environment, { id, v, last }: Cut): Promise<void> {
  if (last !== undefined) await publishEntry(env, id, v, last, new Map());
}

async function save(
  to: Environment,
  env: Environment,
  savepoint: Pick<Savepoint, "id" | "application">,
  cut: Cut,
  cuts: Cuts,
): Promise<SavedPartition> {
  const { id, v, items, standing } = cut;
  const name = (what: string): string => savedKey(savepoint, `${id.stage}/${id.partition}/${what}`);
  const snapshot = await saveSnapshot(to, env, cut, name("snapshot"));
  const frames = await framesOf(env, id, v, spansInFlight(cut, cuts));
  const closing = closingOf(cut, savepoint, env.codeVersion);
  const entry = { ...quietEntry(standing), frames };
  const body = encodeEntry(entry, env.compression);
  const log = { items, closing: { ...closing, outputs: frames.length > 0, body } };
  await to.blobs.put(name("log"), encodeLog(log, env.compression));
  return {
    v,
    ...(v === 0 ? {} : { fingerprint: closing.fingerprint }),
    watermark: standing.time.watermark,
    positions: standing.positions,
    counts: cut.head?.counts ?? {},
    ...(snapshot === undefined ? {} : { snapshot }),
    log: name("log"),
    inFlight: { frames: frames.length, rows: frames.reduce((n, [, , , , rows]) => n + rows.length, 0) },
  };
}

/** @throws MillraceError `SNAPSHOT_UNKNOWN` where it was superseded more than a day ago, meanwhile */
async function saveSnapshot(
  to: Environment,
  { blobs, compression }: Environment,
  { id, snapshot }: Cut,
  key: string,
): Promise<SavedPartition["snapshot"]> {
  if (snapshot === undefined) return undefined;
  const bytes = await copyOfSnapshot(blobs, snapshot.key, compression);
  if (bytes === undefined)
    throw new MillraceError(
      "SNAPSHOT_UNKNOWN",
      `stage "${id.stage}", partition ${id.partition}: a part of snapshot "${snapshot.key}" is missing`,
      { next: "retried" },
    );
  await to.blobs.put(key, bytes);
  return { v: snapshot.v, key, bytes: bytes.length };
}

/** The entry that will follow the last one, aside from what it gives. */
const closingOf = (
  { v, head }: Cut,
  savepoint: Pick<Savepoint, "id">,
  codeVersion: string,
): Omit<LogItem, "body" | "outputs"> => ({
  v: v + 1,
  nonce: openingNonce(savepoint),
  published: v,
  watermark: head?.watermark ?? BEGINNING_OF_TIME,
  nextTimer: head?.nextTimer,
  nextProcessingTimer: head?.nextProcessingTimer,
  owes: head?.owes ?? false,
  codeVersion,
  fingerprint: head === undefined ? "" : writtenBy(head),
  counts: head?.counts ?? {},
});
