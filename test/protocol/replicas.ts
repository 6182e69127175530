import { expect } from "vitest";
import { concat } from "../../shared/frames/concat.ts";
import { collect, count, hopping, milliseconds as ms, session } from "../../shared/index.ts";
import { Fold } from "../../shared/operators/fold.ts";
import type { Stage } from "../../shared/operators/stage.ts";
import { decodeEntry, type Entry, quietEntry } from "../../shared/protocol/entry.ts";
import type { PartitionId } from "../../shared/protocol/ports.ts";
import { Replica, type ReplicaEnvironment } from "../../shared/protocol/replica.ts";
import type { SnapshotHead } from "../../shared/protocol/snapshot.ts";
import { StageLoop } from "../../shared/protocol/stage-loop.ts";
import type { Change } from "../../shared/state/change.ts";
import { encodeValue } from "../../shared/state/codec.ts";
import { stampOf } from "../../shared/state/stamp.ts";
import { type Reading, sourceStage } from "../operators/one-stage.ts";
import { eventOf } from "../operators/runner.ts";
import { none, type Recording, recording, recordsOf } from "./records.ts";

type Flows = Parameters<Parameters<typeof sourceStage>[0]>;
/** Ids that came, which are kept in pages, and windows of slices, which have none. */
const idsAndSlices = (...[all]: Flows) => ({
  ids: all.dedupe({ id: "p", within: ms(40) }),
  counts: all
    .keyBy("k")
    .window(hopping(ms(8), ms(4)), { id: "w" })
    .aggregate({ n: count() }),
});
export const stage: Stage = sourceStage(idsAndSlices);
/** The same, and pages whose places change again and again. */
export const busyStage: Stage = sourceStage((all) => ({
  ...idsAndSlices(all),
  sessions: all
    .keyBy("k")
    .window(session(ms(15)), { id: "s" })
    .aggregate({ ids: collect(99, "id") }),
}));
export const id: PartitionId = { stage: stage.id, partition: 0, epoch: 0 };
export const name: string = `${stage.id}/0`;
export const reading = (n: number, id: string): Reading => ({ id, k: "k", t: n, n });

/** An environment in which a partition has committed each reading by itself. */
export async function filled(
  readings: readonly Reading[],
  options: Parameters<typeof recording>[0] = {},
): Promise<Recording> {
  const env = recording(options);
  await commit(env, readings);
  return env;
}
export const commit = async (env: Recording, readings: readonly Reading[]): Promise<void> => {
  const loop = new StageLoop(stage, env);
  const records = recordsOf(stage, readings.map(eventOf));
  for (const record of records) expect((await loop.run([record])).causes).toEqual([]);
};

export const opened = async (env: ReplicaEnvironment): Promise<Replica> => {
  const replica = new Replica(stage, id, env);
  await replica.refresh();
  return replica;
};

/** All state, page by page where it is not in memory. */
export async function stateOf(replica: Replica, keys: Iterable<string> = []): Promise<unknown> {
  for (const key of keys) for (const operator of ["p", "s"]) replica.fold.need(operator, key);
  if (replica.fold.missing.length > 0) expect(await replica.fetchMissing()).toBe("fetched");
  return [...replica.fold.snapshot()];
}
type Folded = Pick<Entry, "positions" | "channels"> & {
  readonly state: readonly Change[];
  readonly sealed: Fold["sealed"];
};

/** What a partition is after these entries, by definition. */
export function folded(entries: readonly Entry[], of: Stage = stage): Folded {
  const fold = new Fold(of, { codeVersion: "code-1" });
  const { positions, time, counts, channels } = entries.at(-1) ?? quietEntry();
  for (const { changes } of entries) fold.apply(changes);
  fold.resume(time, counts);
  return { state: [...fold.snapshot()], sealed: { time, counts }, positions, channels };
}

/** What a snapshot of these entries says beside the state. */
export const headOf = (entries: Recording["entries"], source = "shard-0"): SnapshotHead => ({
  ...folded(entries.map(({ body }) => decodeEntry(body, none))).sealed,
  positions: [[source, "3"]] as const,
  channels: [],
  fingerprint: stampOf(stage),
});

/** A snapshot of these entries as it was written before there were pages. */
export const firstFormat = (
  entries: Recording["entries"],
  fingerprint: string = stampOf(stage),
): Uint8Array => {
  const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
  const { state } = folded(entries.map(({ body }) => decodeEntry(body, none)));
  const magic = utf8("MRS1");
  const blocks = state.map((change) => utf8(encodeValue([change])));
  let offset = magic.length;
  const places = blocks.map(({ length }, i) => {
    offset += length;
    return [state[i], offset - length, length];
  });
  const index = utf8(encodeValue({ head: { ...headOf(entries), fingerprint }, blocks: places }));
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, index.length);
  return concat([magic, ...blocks, index, length]);
};
