import type { StagePlan } from "../../plan/plan.ts";
import type { FencePorts } from "../fence.ts";
import { fenceLog } from "../fence.ts";
import { inParts } from "./parts.ts";

/**
 * Ends an epoch: from then on no environment commits anything in it, however long it slept. What was committed before
 * and is being published may still arrive.
 * @returns how many logs were ended; those that were ended before do not count
 */
export async function endEpoch(
  ports: FencePorts,
  stages: readonly Pick<StagePlan, "id" | "partitions">[],
  epoch: number,
): Promise<number> {
  const ids = stages.flatMap(({ id: stage, partitions }) =>
    Array.from({ length: partitions }, (_, partition) => ({ stage, partition, epoch })),
  );
  const ends = await inParts(ids, (id) => fenceLog(ports, id));
  return ends.filter((v) => v !== undefined).length;
}
