import type { StageLoop } from "../../../shared/protocol/stage-loop.ts";
import type { Delivery, Mapping } from "./mapping.ts";

/** A Lambda environment of a stage: a loop with caches of its own, until it crashes. */
export type Worker = {
  readonly name: string;
  readonly mapping: Mapping;
  readonly loop: StageLoop;
  /** The batch that it has, if any. */
  delivery: Delivery | undefined;
  /** Nothing of it goes on until it is woken. */
  frozen: boolean;
};
