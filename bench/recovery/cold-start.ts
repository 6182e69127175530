import { StageLoop } from "../../shared/protocol/stage-loop.ts";
import { epochMs } from "../../shared/time/time.ts";
import { S3_WIRE, Store } from "./ports.ts";
import { Numbers, profilesStage, ROW_CHARS, Source, type User } from "./profiles.ts";

const START = epochMs(1_704_067_200_000);
/** Users that come in one batch while state is built. */
const BUILT_AT_ONCE = 5_000;

/** A partition with so much state, in its store. */
export type Built = { readonly store: Store; readonly users: number; readonly sequence: number };

/** Builds a partition whose state comes to so many characters, and leaves it with a snapshot and some entries after it. */
export async function buildPartition(chars: number, entriesAfter: number): Promise<Built> {
  const users = Math.round(chars / ROW_CHARS);
  const store = new Store();
  const source = new Source();
  const numbers = new Numbers(1);
  const many = new StageLoop(
    profilesStage,
    store.environment({ snapshotEntries: Math.ceil(users / BUILT_AT_ONCE / Math.ceil(chars / 100e6)) }),
  );
  for (let user = 0; user < users; ) {
    const events: User[] = [];
    for (; events.length < BUILT_AT_ONCE && user < users; user += 1)
      events.push({ user, profile: numbers.profile() });
    await settled(many, source, events);
  }
  const few = new StageLoop(profilesStage, store.environment({ snapshotEntries: 1 }));
  await settled(few, source, [{ user: 0, profile: numbers.profile() }]);
  const after = new StageLoop(profilesStage, store.environment({}));
  for (let i = 0; i < entriesAfter; i += 1) await settled(after, source, batchOf(numbers, users, 100));
  return { store, users, sequence: source.sequence };
}

const batchOf = (numbers: Numbers, users: number, size: number): User[] =>
  Array.from({ length: size }, () => ({ user: numbers.below(users), profile: numbers.profile() }));

export async function settled(loop: StageLoop, source: Source, events: readonly User[]): Promise<void> {
  const { firstFailed, causes } = await loop.run(source.records(START, events));
  if (firstFailed !== undefined) throw causes[0];
}

export type ColdStart = { readonly ms: number; readonly requests: number; readonly bytes: number };

/** From a new environment and a batch of so many users to the first row of a view, over a simulated wire to S3. */
export async function coldStart(
  { store, users, sequence }: Built,
  batch: number,
  whole: boolean,
): Promise<ColdStart> {
  let firstOutput: number | undefined;
  const items = [...store.items];
  const { snapshot } = store;
  const environment = store.environment({
    wire: S3_WIRE,
    onOutput: () => {
      firstOutput ??= performance.now();
    },
    snapshotEntries: Number.POSITIVE_INFINITY,
    state: { eagerBytes: whole ? Number.POSITIVE_INFINITY : 0, residentChars: Number.POSITIVE_INFINITY },
  });
  const source = new Source().at(sequence);
  const records = source.records(START, batchOf(new Numbers(2), users, batch));
  const before = { ...store.traffic };
  const startedAt = performance.now();
  const { firstFailed, causes } = await new StageLoop(profilesStage, environment).run(records);
  if (firstFailed !== undefined || firstOutput === undefined) throw causes[0];
  const { requests, bytes } = store.traffic;
  store.items.splice(0, store.items.length, ...items);
  store.snapshot = snapshot;
  return { ms: firstOutput - startedAt, requests: requests - before.requests, bytes: bytes - before.bytes };
}
