import type { ServiceName } from "../models/faults.ts";
import { ServiceError } from "../models/service-error.ts";

/**
 * Where every call to a service passes. Who holds the gate decides when the call is done, whether it fails and when
 * its caller goes on, if ever: `run` does it at once.
 * @param entries - how many entries a batch call has
 */
export type Gate = <R>(service: ServiceName, operation: string, run: () => R, entries?: number) => Promise<R>;

/** Holds nobody up. */
export const openGate: Gate = async (_service, _operation, run) => run();

/** As an SDK client tries by default. */
const ATTEMPTS = 3;

/** A call as an SDK client makes it: what passes is tried again, at once, since time here is only told. */
export async function call<R>(
  gate: Gate,
  service: ServiceName,
  operation: string,
  run: () => R,
  entries?: number,
): Promise<R> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await gate(service, operation, run, entries);
    } catch (error) {
      if (attempt === ATTEMPTS || !isPassing(error)) throw error;
    }
  }
}

const THROTTLES: ReadonlySet<string> = new Set(["ProvisionedThroughputExceededException", "SlowDown"]);

const isPassing = (error: unknown): boolean =>
  error instanceof ServiceError && (error.status >= 500 || THROTTLES.has(error.code));

/** Whether a condition of the call was not met. */
export const isRefused = (error: unknown): error is ServiceError =>
  error instanceof ServiceError &&
  (error.code === "ConditionalCheckFailedException" || error.code === "PreconditionFailed");
