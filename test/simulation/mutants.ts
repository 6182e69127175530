import { COMMIT_MUTANTS } from "./mutants/commit.ts";
import { LOOKUP_MUTANTS } from "./mutants/lookups.ts";
import type { Mutant } from "./mutants/mutant.ts";
import { POSITIONS_MUTANTS } from "./mutants/positions.ts";
import { PUBLISH_MUTANTS } from "./mutants/publish.ts";
import { SAVEPOINT_MUTANTS } from "./mutants/savepoints.ts";
import { STATE_MUTANTS } from "./mutants/state.ts";
import { STORAGE_MUTANTS } from "./mutants/storage.ts";
import { TIME_MUTANTS } from "./mutants/time.ts";

/** One or more for each rule that exactly-once stands on. */
export const MUTANTS: readonly Mutant[] = [
  ...COMMIT_MUTANTS,
  ...PUBLISH_MUTANTS,
  ...POSITIONS_MUTANTS,
  ...STATE_MUTANTS,
  ...STORAGE_MUTANTS,
  ...LOOKUP_MUTANTS,
  ...SAVEPOINT_MUTANTS,
  ...TIME_MUTANTS,
];
