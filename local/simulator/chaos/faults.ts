import { MillraceError } from "../../../shared/errors/millrace-error.ts";
import type { Fault } from "./fault.ts";
import { CALL_FAULTS } from "./faults/calls.ts";
import { CODE_FAULTS } from "./faults/code.ts";
import { DELIVERY_FAULTS } from "./faults/deliveries.ts";
import { READ_FAULTS } from "./faults/reads.ts";
import { RECORD_FAULTS } from "./faults/records.ts";
import { STREAM_FAULTS } from "./faults/streams.ts";
import { TIME_FAULTS } from "./faults/time.ts";

/** All that can go wrong in a run, by name. */
export const FAULTS: ReadonlyMap<string, Fault> = new Map(
  [
    ...CALL_FAULTS,
    ...DELIVERY_FAULTS,
    ...STREAM_FAULTS,
    ...TIME_FAULTS,
    ...RECORD_FAULTS,
    ...CODE_FAULTS,
    ...READ_FAULTS,
  ].map((fault) => [fault.name, fault]),
);

/** @throws MillraceError `CHAOS_FAULT` for a name that no fault has */
export function faultNamed(name: string): Fault {
  const fault = FAULTS.get(name);
  if (fault !== undefined) return fault;
  throw new MillraceError(
    "CHAOS_FAULT",
    `no fault is called "${name}", only ${[...FAULTS.keys()].join(", ")}`,
    {
      next: "refused",
    },
  );
}
