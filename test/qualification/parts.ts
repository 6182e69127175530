import type { Part } from "./part.ts";
import { alone, pairs, points, storms } from "./parts/chaos.ts";
import { model } from "./parts/model.ts";
import { mutants } from "./parts/mutants.ts";
import { recovery } from "./parts/recovery.ts";
import { stryker } from "./parts/stryker.ts";
import { oracles, semantics } from "./parts/tests.ts";

/** In the order of the page. */
export const PARTS: readonly Part[] = [
  points,
  alone,
  pairs,
  storms,
  mutants,
  stryker,
  model,
  oracles,
  semantics,
  recovery,
];
