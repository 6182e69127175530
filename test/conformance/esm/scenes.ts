import type { Case } from "../harness/case.ts";
import { QueueScene } from "./queue-scene.ts";
import { StreamScene } from "./stream-scene.ts";

/** What cases are run with: each makes its own scenes. */
export type Scenes = {
  /** Runs a scene with a stream of so many shards, and ends it. */
  stream<T>(shards: number, run: (scene: StreamScene) => Promise<T>): Promise<T>;
  /** Runs a scene with a queue, and ends it. */
  queue<T>(run: (scene: QueueScene) => Promise<T>): Promise<T>;
};

export const scenes: Scenes = {
  stream: (shards, run) => ended(new StreamScene(shards), run),
  queue: (run) => ended(new QueueScene(), run),
};

async function ended<S extends { close(): Promise<void> }, T>(
  scene: S,
  run: (scene: S) => Promise<T>,
): Promise<T> {
  try {
    return await run(scene);
  } finally {
    await scene.close();
  }
}

type Documented = { readonly source: string; readonly says: string; readonly is: unknown };

/** A case of a stream's mapping. */
export const streamCase = (
  name: string,
  aws: Documented,
  run: (scene: StreamScene) => Promise<unknown>,
  shards = 1,
): Case<Scenes> => ({ name, aws, run: (client) => client.stream(shards, run) });

/** A case of a queue's mapping. */
export const queueCase = (
  name: string,
  aws: Documented,
  run: (scene: QueueScene) => Promise<unknown>,
): Case<Scenes> => ({ name, aws, run: (client) => client.queue(run) });
