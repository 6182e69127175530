import type { StageNode } from "../operators/stage.ts";
import { earlyEvery } from "../operators/trigger.ts";

/** Whether an operator waits for processing time, so that a tick can call it. */
export const usesProcessingTimers = ({ spec }: StageNode): boolean =>
  (spec.kind === "process" && spec.onProcessingTimer !== undefined) ||
  (spec.kind === "window" && earlyEvery(spec.trigger)?.clock === "processing");
