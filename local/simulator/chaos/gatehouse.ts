import type { Call, Fault, ServiceFaults } from "../../models/faults.ts";
import type { Gate } from "../gate.ts";

/** How a call fails: as a model makes it fail, or by being sent twice, whose second answer is the one that arrives. */
export type CallFailure = Fault | { readonly kind: "sent-twice" };

/** A call that waits: to be done, or, done already, for its answer to go back. */
export type Waiting<Owner> = {
  readonly owner: Owner;
  readonly operation: string;
  /** Of a batch call; 1 for all others. */
  readonly entries: number;
  readonly done: boolean;
  /** Lets it go on: does the call, which then waits with its answer, or gives the answer back. */
  readonly release: (failure?: CallFailure) => void;
};

/** Holds every call twice, before and after it is done, until somebody lets it go on. */
export class Gatehouse<Owner> {
  readonly waiting: Waiting<Owner>[] = [];
  readonly faults: ServiceFaults;
  #fault: Fault | undefined;

  /** @param watch - is told of every call that a model has done */
  constructor(watch: (call: Call) => void = () => undefined) {
    this.faults = {
      before: () => this.#fault,
      around: (call, run) => {
        const result = run();
        watch(call);
        return result;
      },
    };
  }

  gateOf(owner: Owner): Gate {
    return (service, operation, run, entries = 1) =>
      new Promise((resolve, reject) => {
        const what = { owner, operation: `${service} ${operation}`, entries };
        const answer = (settle: () => void): void => {
          this.waiting.push({ ...what, done: true, release: settle });
        };
        const release = (failure?: CallFailure): void => {
          this.#fault = failure?.kind === "sent-twice" ? undefined : failure;
          try {
            if (failure?.kind === "sent-twice") run();
            const result = run();
            answer(() => resolve(result));
          } catch (error) {
            answer(() => reject(error));
          } finally {
            this.#fault = undefined;
          }
        };
        this.waiting.push({ ...what, done: false, release });
      });
  }

  /** Takes a call out of those that wait. */
  take(call: Waiting<Owner>): void {
    this.waiting.splice(this.waiting.indexOf(call), 1);
  }

  /** Forgets all calls of an owner: what awaits them never goes on. */
  forget(owner: Owner): void {
    for (let i = this.waiting.length - 1; i >= 0; i -= 1)
      if (this.waiting[i]?.owner === owner) this.waiting.splice(i, 1);
  }
}
