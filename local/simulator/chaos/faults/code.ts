import type { StepFault } from "../fault.ts";

/** What befalls the code that environments run. */
export const CODE_FAULTS: readonly StepFault[] = [
  {
    name: "older-code",
    says: "a batch goes to an environment of an older build, whose state has the same shape",
    at: "step",
    rate: 0.01,
    strike: (world, random) => world.deliverTo("older", random),
  },
  {
    name: "foreign-code",
    says: "a batch goes to a build whose state has another shape: it must refuse, and write nothing",
    at: "step",
    rate: 0.01,
    strike: (world, random) => world.deliverTo("foreign", random),
  },
];
