import type { OperatorPlan, StagePlan } from "../../plan/plan.ts";
import { unreadable } from "../../state/stamp.ts";
import type { SavedStage, Savepoint } from "./manifest.ts";

/** Why a stage of a plan cannot go on with what a savepoint holds. */
export type Difference = {
  readonly stage: string;
  /** `missing`: the plan has no such stage; `shape`: its state is another's; `partitions`: there is no way across. */
  readonly kind: "missing" | "shape" | "partitions";
  readonly sentence: string;
};

/** All that stands between a savepoint and a plan. A stage that the savepoint does not have begins empty. */
export function differencesTo({ stages }: Savepoint, plans: readonly StagePlan[]): Difference[] {
  const wanted = new Map(plans.map((plan) => [plan.id, plan]));
  return stages.flatMap((saved): Difference[] => {
    const { plan } = saved;
    const now = wanted.get(plan.id);
    const difference = (kind: Difference["kind"], sentence: string): Difference[] => [
      { stage: plan.id, kind, sentence: `stage "${plan.id}": ${sentence}` },
    ];
    if (now === undefined) return hasState(saved) ? difference("missing", "the plan does not have it") : [];
    if (now.partitions !== plan.partitions)
      return difference(
        "partitions",
        `${plan.partitions} partitions are saved, the plan has ${now.partitions}`,
      );
    for (const stamp of stampsOf(saved)) {
      const why = unreadable(now, stamp);
      if (why === "shape") return difference("shape", changed(plan.operators, now.operators));
      if (why !== undefined)
        return difference(
          "shape",
          `"${why[1]}" of operator "${why[0]}" is saved in version ${why[2]}, the plan's is older`,
        );
    }
    return [];
  });
}

const hasState = ({ partitions }: SavedStage): boolean => partitions.some(({ v }) => v > 0);

const stampsOf = ({ partitions }: SavedStage): string[] =>
  partitions.flatMap(({ fingerprint }) => (fingerprint === undefined ? [] : [fingerprint]));

/** Names the operators that differ, as the plans tell them. */
function changed(saved: readonly OperatorPlan[], now: readonly OperatorPlan[]): string {
  const text = ({ kind, detail }: OperatorPlan): string => (detail === "" ? kind : `${kind} ${detail}`);
  const before = new Map(saved.map((operator) => [operator.id, text(operator)]));
  const after = new Map(now.map((operator) => [operator.id, text(operator)]));
  const sentences = [...new Set([...before.keys(), ...after.keys()])].flatMap((id) => {
    const [was, is] = [before.get(id), after.get(id)];
    if (was === is) return [];
    if (is === undefined) return [`operator "${id}" (${was}) is gone`];
    return [was === undefined ? `operator "${id}" (${is}) is new` : `operator "${id}" was ${was}, is ${is}`];
  });
  return sentences.length > 0 ? sentences.join("; ") : "its state has another shape than the plan's";
}
