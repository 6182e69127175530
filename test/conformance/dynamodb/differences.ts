import type { Difference } from "../harness/case.ts";

export const differences: readonly Difference[] = [];
