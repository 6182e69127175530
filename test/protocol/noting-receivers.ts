import type { Environment } from "../../shared/protocol/environment.ts";

/** Receivers that note who was called, and answer when they are told to. */
export type NotingReceivers = {
  readonly called: string[];
  /** Lets the last call of this name succeed; fail, where there is an error. */
  readonly answer: (name: string, error?: Error) => void;
  readonly ports: Pick<Environment, "streams" | "views" | "lake" | "failedEvents">;
};

export function notingReceivers(): NotingReceivers {
  const called: string[] = [];
  const waiting = new Map<string, PromiseWithResolvers<void>>();
  const take = (name: string): Promise<void> => {
    called.push(name);
    const answer = Promise.withResolvers<void>();
    waiting.set(name, answer);
    return answer.promise;
  };
  return {
    called,
    answer: (name, error) =>
      error === undefined ? waiting.get(name)?.resolve() : waiting.get(name)?.reject(error),
    ports: {
      streams: { publish: (stream) => take(stream) },
      views: { write: (writes) => take(writes.map((one) => one.view).join("+")) },
      lake: { write: (writes) => take(`files of ${writes.map((one) => one.sink).join("+")}`) },
      failedEvents: { write: () => take("failed events") },
    },
  };
}

/** Lets everything happen that waits for nothing. */
export async function settled(): Promise<void> {
  for (let i = 0; i < 3; i += 1) await new Promise((done) => setImmediate(done));
}
