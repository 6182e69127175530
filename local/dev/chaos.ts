import type { DurationMs } from "../../shared/time/time.ts";
import { reshardOnce } from "../faults/reshard.ts";
import type { LambdaService } from "../lambda/lambda-service.ts";
import type { KinesisModel } from "../models/kinesis/kinesis-model.ts";
import type { Random } from "../simulator/random.ts";

/** Something that goes on until it is stopped. */
export type Nuisance = { stop(): void };

/** Ends a random Lambda process at once (SIGKILL), again and again, whatever it is doing. */
export function killProcesses(
  lambda: Pick<LambdaService, "processes" | "counters">,
  every: DurationMs,
  random: Random,
): Nuisance {
  const pace = new KillPace();
  return repeatedly(every, () => {
    const { invocations, errors } = lambda.counters();
    if (!pace.isDue(invocations - errors)) return;
    const victim = random.pick(lambda.processes());
    if (victim !== undefined) kill(victim.pid);
  });
}

/** Of so many times, one kills whatever has become of invocations: they may all hang. */
const MOST_SPARED = 20;

/**
 * Spares the processes where no invocation has succeeded since the last kill: a machine that is too slow for one
 * between two kills would never get anything done.
 */
export class KillPace {
  #succeeded = 0;
  #spared = 0;

  /** @param succeeded - invocations that have succeeded so far */
  isDue(succeeded: number): boolean {
    if (succeeded === this.#succeeded && this.#spared < MOST_SPARED) {
      this.#spared += 1;
      return false;
    }
    this.#succeeded = succeeded;
    this.#spared = 0;
    return true;
  }
}

/** Splits or merges a stream's shards, again and again. */
export function reshard(
  kinesis: KinesisModel,
  StreamName: string,
  every: DurationMs,
  random: Random,
): Nuisance {
  return repeatedly(every, () => reshardOnce(kinesis, StreamName, random));
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    // it ended by itself a moment ago
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}

function repeatedly(every: DurationMs, act: () => void): Nuisance {
  const timer = setInterval(act, every);
  return { stop: () => clearInterval(timer) };
}
