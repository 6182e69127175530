import type { Fault, ServiceFaults } from "../../models/faults.ts";
import type { Gate } from "../gate.ts";

/** A call that waits: to be done, or, done already, for its answer to go back. */
export type Waiting<Owner> = {
  readonly owner: Owner;
  readonly operation: string;
  readonly done: boolean;
  /** Lets it go on: does the call, which then waits with its answer, or gives the answer back. */
  readonly release: (fault?: Fault) => void;
};

/** Holds every call twice, before and after it is done, until somebody lets it go on. */
export class Gatehouse<Owner> {
  readonly waiting: Waiting<Owner>[] = [];
  #fault: Fault | undefined;

  /** What the models ask before each operation: the fault of the call that is being done. */
  readonly faults: ServiceFaults = { before: () => this.#fault };

  gateOf(owner: Owner): Gate {
    return (service, operation, run) =>
      new Promise((resolve, reject) => {
        const what = `${service} ${operation}`;
        const answer = (settle: () => void): void => {
          this.waiting.push({ owner, operation: what, done: true, release: settle });
        };
        const release = (fault?: Fault): void => {
          this.#fault = fault;
          try {
            const result = run();
            answer(() => resolve(result));
          } catch (error) {
            answer(() => reject(error));
          } finally {
            this.#fault = undefined;
          }
        };
        this.waiting.push({ owner, operation: what, done: false, release });
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
