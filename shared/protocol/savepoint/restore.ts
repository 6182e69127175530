import { MillraceError } from "../../errors/millrace-error.ts";
import type { StagePlan } from "../../plan/plan.ts";
import type { Planned } from "../../plan/planner.ts";
import { stampOf } from "../../state/stamp.ts";
import { decodeEntry, type Entry, encodeEntry, hasOutputs, quietEntry } from "../entry.ts";
import type { Environment } from "../environment.ts";
import { Outbox } from "../outbox.ts";
import type { Blobs, LogItem, PartitionId } from "../ports.ts";
import { publishEntry } from "../publish.ts";
import { snapshotKey } from "../snapshot.ts";
import { differencesTo } from "./compare.ts";
import type { SavedPartition, SavedStage, Savepoint } from "./manifest.ts";
import { inParts } from "./parts.ts";
import { rolledBackViews } from "./roll-back-views.ts";
import { decodeLog, isOpening, openingNonce, type SavedLog } from "./saved-log.ts";
import { upstreamFirst } from "./upstream-first.ts";

export type RestoreOptions = {
  readonly savepoint: Savepoint;
  /** Where its objects are. */
  readonly from: Blobs;
  /** What is to go on with it. */
  readonly planned: Planned;
  /** Of the deployment that is restored into, with the epoch that begins. */
  readonly env: Environment;
  /**
   * Of a fork, by id: whether a stream is the very one that the savepoint was taken from, so that its positions hold.
   * @default in place: all streams are, and views are taken back to what they were
   */
  readonly sameStream?: (stream: string) => boolean;
  /** State whose stage is gone or has another shape is left behind. @default it is refused */
  readonly allowDroppedState?: boolean;
};

export type Restored = {
  readonly epoch: number;
  readonly partitions: number;
  /** Frames that were on their way, and were sent again. */
  readonly frames: number;
  /**
   * Rows of views that were taken back, and those of which no log says any more what they were; besides, how many
   * entries after the savepoint are gone: rows that none but they have written stay, and nobody knows of them.
   */
  readonly rows: { readonly back: number; readonly unknown: number; readonly entriesGone: number };
  /** Stages whose state was left behind. */
  readonly dropped: readonly string[];
  /** Stages that the savepoint does not have: they begin empty. */
  readonly begun: readonly string[];
};

/**
 * Writes what a savepoint holds into the logs of an epoch that has not begun, then sends again what was on its way. A
 * log begins all at once: its pointer, or its first entry, is written last. Doing it again does no harm.
 * @throws MillraceError `SAVEPOINT_MISMATCH`; `SAVEPOINT_EPOCH_TAKEN` where a log of the epoch has begun otherwise
 */
export async function restoreSavepoint(options: RestoreOptions): Promise<Restored> {
  const { savepoint, planned, env } = options;
  const { epoch = 0 } = env;
  const dropped = expectFit(options);
  const stages = upstreamFirst(planned);
  const saved = new Map(savepoint.stages.map((stage) => [stage.plan.id, stage]));
  const openings: Opening[] = [];
  for (const plan of stages) {
    const numbers = Array.from({ length: plan.partitions }, (_, partition) => partition);
    const ofStage = saved.get(plan.id);
    openings.push(
      ...(await inParts(numbers, (partition) =>
        restorePartition(options, { stage: plan.id, partition, epoch }, plan, {
          stage: ofStage,
          keep: !dropped.has(plan.id),
        }),
      )),
    );
  }
  for (const opening of openings) await publish(planned, env, opening);
  return {
    epoch,
    partitions: openings.length,
    frames: openings.reduce((n, { entry }) => n + entry.frames.length, 0),
    rows: {
      back: openings.reduce((n, { entry }) => n + entry.views.reduce((m, [, rows]) => m + rows.length, 0), 0),
      unknown: openings.reduce((n, { unknown }) => n + unknown, 0),
      entriesGone: openings.reduce((n, { gone }) => n + gone, 0),
    },
    dropped: [...dropped],
    begun: stages.flatMap(({ id }) => (saved.has(id) ? [] : [id])),
  };
}

/**
 * What can be known before anything is written.
 * @returns the stages whose state will be left behind
 * @throws MillraceError `SAVEPOINT_MISMATCH`, `SAVEPOINT_EPOCH_TAKEN`
 */
export function expectFit({
  savepoint,
  planned,
  env: { epoch = 0 },
  sameStream,
  allowDroppedState = false,
}: RestoreOptions): ReadonlySet<string> {
  if (sameStream === undefined && epoch <= savepoint.epoch)
    throw epochTaken(epoch, `savepoint "${savepoint.id}" is of epoch ${savepoint.epoch} itself`);
  const differences = differencesTo(savepoint, upstreamFirst(planned));
  const refused = allowDroppedState ? differences.filter(({ kind }) => kind === "partitions") : differences;
  if (refused.length > 0)
    throw new MillraceError(
      "SAVEPOINT_MISMATCH",
      `savepoint "${savepoint.id}" does not fit the plan: ${refused.map(({ sentence }) => sentence).join("; ")}`,
      { next: "refused" },
    );
  return new Set(differences.map(({ stage }) => stage));
}

/** The entry with which a log of the new epoch begins, or goes on behind what was saved. */
type Opening = {
  readonly id: PartitionId;
  readonly v: number;
  readonly entry: Entry;
  readonly unknown: number;
  readonly gone: number;
};

async function restorePartition(
  options: RestoreOptions,
  id: PartitionId,
  plan: StagePlan,
  { stage, keep }: { readonly stage: SavedStage | undefined; readonly keep: boolean },
): Promise<Opening> {
  const { savepoint, from, planned, env } = options;
  const saved = stage?.partitions[id.partition];
  const log = saved && (await savedLog(from, saved, env));
  const before = log && decodeEntry(log.closing.body, env.compression);
  const { input } = plan;
  const inPlace = options.sameStream === undefined;
  const sameStream = options.sameStream ?? (() => true);
  const {
    views,
    unknown,
    gone = 0,
  } = inPlace
    ? await rolledBackViews(env, savepoint, plan, id.partition, id.epoch)
    : { views: [], unknown: 0 };
  const entry: Entry = {
    ...quietEntry(before),
    // names of shards are alike in all streams, and their numbers mean nothing in another
    positions: (before?.positions ?? []).filter(
      ([, at]) => typeof at === "number" || sameStream(input.kind === "source" ? input.stream : plan.id),
    ),
    frames: (before?.frames ?? []).filter(([target]) => planned.stages.has(target)),
    views,
  };
  const kept = keep && saved !== undefined && log !== undefined && saved.v > 0;
  const opening: LogItem = {
    ...(log?.closing ?? UNBEGUN),
    nonce: openingNonce(savepoint),
    ...(kept
      ? {}
      : {
          v: 1,
          published: 0,
          nextTimer: undefined,
          nextProcessingTimer: undefined,
          fingerprint: stampOf(plan),
        }),
    outputs: hasOutputs(entry),
    codeVersion: env.codeVersion,
    body: encodeEntry(entry, env.compression),
  };
  await write(options, id, kept ? { items: log.items, snapshot: saved.snapshot } : NOTHING, opening);
  return { id, v: opening.v, entry, unknown, gone };
}

async function savedLog(
  from: Blobs,
  { log }: SavedPartition,
  { compression }: Environment,
): Promise<SavedLog> {
  const bytes = await from.get(log);
  if (bytes === undefined) throw incomplete(log);
  return decodeLog(bytes, compression);
}

const UNBEGUN: Omit<LogItem, "body" | "nonce"> = {
  v: 1,
  published: 0,
  outputs: false,
  watermark: quietEntry().time.watermark,
  nextTimer: undefined,
  owes: false,
  codeVersion: "",
  fingerprint: "",
  counts: {},
};

type Behind = Pick<SavedLog, "items"> & { readonly snapshot?: SavedPartition["snapshot"] | undefined };
const NOTHING: Behind = { items: [] };

/** Backwards, so that who reads it meanwhile finds a hole and waits. */
async function write(
  { from, env, savepoint }: RestoreOptions,
  id: PartitionId,
  { items, snapshot }: Behind,
  opening: LogItem,
): Promise<void> {
  const ours = [...items, opening];
  await expectUnbegun(env, id, ours);
  for (const item of ours.toReversed()) {
    const { won } = await env.log.append(id, item);
    if (!won) throw taken(id);
  }
  if (snapshot === undefined) return;
  const bytes = await from.get(snapshot.key);
  if (bytes === undefined) throw incomplete(snapshot.key);
  const key = snapshotKey(id, snapshot.v, savepoint.id);
  await env.blobs.put(key, bytes);
  await env.log.recordSnapshot(id, { v: snapshot.v, key });
}

/** Nothing stands there, or what this very restore has written before, and what came of it. */
async function expectUnbegun({ log }: Environment, id: PartitionId, ours: readonly LogItem[]): Promise<void> {
  const known = new Map(ours.map(({ v, nonce }) => [v, nonce]));
  const opening = Math.max(...known.keys());
  const standing = await log.readAfter(id, 0);
  const isOther = ({ v, nonce }: LogItem): boolean =>
    v <= opening ? known.get(v) !== nonce : isOpening({ nonce });
  if (standing.some(isOther)) throw taken(id);
}

/** Tells the receivers at once: else they would wait until something else moves the partition. */
async function publish(planned: Planned, env: Environment, { id, v, entry }: Opening): Promise<void> {
  const stage = planned.stages.get(id.stage);
  if (stage === undefined) return;
  const records = new Outbox(stage, id, env.compression).unpack(entry.frames, entry.time.processingTime);
  await publishEntry(env, id, v, entry, records);
}

const taken = ({ stage, partition, epoch }: PartitionId): MillraceError =>
  epochTaken(epoch, `stage "${stage}", partition ${partition} has entries`);

const epochTaken = (epoch: number, why: string): MillraceError =>
  new MillraceError("SAVEPOINT_EPOCH_TAKEN", `epoch ${epoch} has begun with something else: ${why}`, {
    next: "refused",
  });

const incomplete = (key: string): MillraceError =>
  new MillraceError("SAVEPOINT_UNKNOWN", `a part of the savepoint is missing: "${key}"`, { next: "refused" });
