import { StageLoop } from "../../shared/protocol/stage-loop.ts";
import { type Built, START } from "./built-partition.ts";
import { Numbers, profilesStage, Source, settled, type User } from "./profiles.ts";

export type CommitCost = {
  /** Of decoding, folding, committing and snapshots together; the services cost nothing here. */
  readonly cpuMs: number;
  readonly medianMs: number;
  readonly p99Ms: number;
  /** Read from snapshots, per commit. */
  readonly readBytes: number;
  /** Written as snapshots, per commit. */
  readonly snapshotBytes: number;
};

/** Which users come: the same ones again, or anybody. */
export type Crowd = { readonly users: number; readonly perCommit: number };

/** Batches of a warm environment, with all that it does on the way: entries, snapshots, pages that come and go. */
export async function commitCost(
  built: Built,
  crowd: Crowd,
  commits: number,
  warmUp: number,
): Promise<CommitCost> {
  const { store } = built;
  const kept = { items: [...store.items], snapshot: store.snapshot, objects: new Map(store.objects) };
  const loop = new StageLoop(profilesStage, store.environment({}));
  const source = new Source().at(built.sequence);
  const numbers = new Numbers(3);
  const batch = (): User[] =>
    Array.from({ length: crowd.perCommit }, () => ({
      user: numbers.below(crowd.users),
      profile: numbers.profile(),
    }));
  for (let i = 0; i < warmUp; i += 1) await settled(loop, source, START, batch());
  const batches = Array.from({ length: commits }, batch);
  const before = { ...store.traffic };
  const bodies = store.items.length;
  const times: number[] = [];
  const cpu = process.cpuUsage();
  for (const one of batches) {
    const startedAt = performance.now();
    await settled(loop, source, START, one);
    times.push(performance.now() - startedAt);
  }
  const { user, system } = process.cpuUsage(cpu);
  times.sort((a, b) => a - b);
  const { bytes, putBytes } = store.traffic;
  // what was written here must not be read by the next measurement
  store.items.splice(0, bodies + commits + warmUp, ...kept.items);
  store.snapshot = kept.snapshot;
  store.objects.clear();
  for (const [key, object] of kept.objects) store.objects.set(key, object);
  return {
    cpuMs: (user + system) / 1_000 / commits,
    medianMs: times[Math.floor(commits / 2)] ?? Number.NaN,
    p99Ms: times[Math.floor(commits * 0.99)] ?? Number.NaN,
    readBytes: (bytes - before.bytes) / commits,
    snapshotBytes: (putBytes - before.putBytes) / commits,
  };
}
