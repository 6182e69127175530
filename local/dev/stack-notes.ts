import type { StagePlan } from "../../shared/plan/plan.ts";
import { loadStacks } from "../template/cloud-assembly.ts";

/** What Millrace's stacks tell of themselves in their templates' metadata. */
export type StackNotes = {
  readonly streams: readonly string[];
  readonly pipelines: readonly string[];
  readonly views: readonly string[];
  readonly stages: readonly Pick<StagePlan, "id" | "partitions" | "fingerprint" | "versions">[];
};

/**
 * The notes of all stacks in a folder; empty where none is of Millrace.
 * @throws MillraceError LOCAL_TEMPLATE_INVALID
 */
export function stackNotes(templateDir: string): StackNotes {
  const all = loadStacks(templateDir).map(
    ({ template }) => Object(template.Metadata?.["Millrace"]) as Partial<StackNotes>,
  );
  return {
    streams: all.flatMap(({ streams = [] }) => streams),
    pipelines: all.flatMap(({ pipelines = [] }) => pipelines),
    views: all.flatMap(({ views = [] }) => views),
    stages: all.flatMap(({ stages = [] }) => stages),
  };
}
