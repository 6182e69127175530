import { setTimeout as delay } from "node:timers/promises";
import type { KinesisModel } from "../models/kinesis/kinesis-model.ts";
import type { Invoke } from "../sources/event-source.ts";
import type { FaultPlan } from "./fault-plan.ts";
import { reshardOnce } from "./reshard.ts";

/** An environment's process that begins an invocation. */
export type FaultyProcess = {
  readonly functionName: string;
  readonly pid: number | undefined;
  /** Whether it is still at this invocation. */
  readonly busy: () => boolean;
};

const RESHARD_EVERY_MS = 1_000;

/** Does to processes, deliveries and shards what the plan says. */
export class FaultDriver {
  readonly #plan: FaultPlan;
  readonly #kinesis: KinesisModel;
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #reshard: NodeJS.Timeout;

  constructor(plan: FaultPlan, kinesis: KinesisModel) {
    this.#plan = plan;
    this.#kinesis = kinesis;
    this.#reshard = setInterval(() => this.#reshardSome(), RESHARD_EVERY_MS).unref();
  }

  /** An invocation begins: its process may be killed (SIGKILL) on the way, or stand still for a while (SIGSTOP). */
  onRun({ functionName, pid, busy }: FaultyProcess): void {
    if (pid === undefined) return;
    const killAfter = this.#plan.killAfter(functionName);
    if (killAfter !== undefined) this.#later(killAfter, () => busy() && signal(pid, "SIGKILL"));
    const frozen = this.#plan.freezeFor(functionName);
    if (frozen === undefined) return;
    signal(pid, "SIGSTOP");
    this.#later(frozen, () => signal(pid, "SIGCONT"));
  }

  /**
   * Delivers some batches twice: what the second invocation says counts, and the first may still be at work when the
   * next batch is delivered, as where Lambda's poller gives one up for lost.
   */
  delivering(functionName: string, invoke: Invoke): Invoke {
    return async (payload) => {
      const after = this.#plan.duplicateAfter(functionName);
      if (after === undefined) return invoke(payload);
      // nobody waits for the first one, whatever becomes of it
      invoke(payload).catch(() => undefined);
      await delay(after);
      return invoke(payload);
    };
  }

  close(): void {
    clearInterval(this.#reshard);
    for (const timer of this.#timers) clearTimeout(timer);
  }

  #reshardSome(): void {
    for (const StreamName of this.#kinesis.listStreams({}).StreamNames) {
      const random = this.#plan.reshards(StreamName);
      if (random !== undefined) reshardOnce(this.#kinesis, StreamName, random);
    }
  }

  #later(milliseconds: number, act: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      act();
    }, milliseconds);
    this.#timers.add(timer);
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    // it ended by itself a moment ago
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}
