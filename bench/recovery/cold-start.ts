import { StageLoop } from "../../shared/protocol/stage-loop.ts";
import { type Built, batchOf, START } from "./built-partition.ts";
import { S3_WIRE } from "./ports.ts";
import { Numbers, profilesStage, Source } from "./profiles.ts";

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
