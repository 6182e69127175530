import { type StateShape, versionIn } from "../state/stamp.ts";
import type { OperatorPlan, Plan, StagePlan } from "./plan.ts";

/** What a deployment would mean for the state of an operator; for that of its whole stage where none is named. */
export type StateChange = {
  /**
   * `lost`: nobody reads it any more. `unread`: the stage stops, since it cannot read it. `migrated`: value by value, as
   * it is read.
   */
  readonly what: "lost" | "unread" | "migrated";
  readonly stage: string;
  readonly operator: string | undefined;
  readonly why: string;
};

/**
 * What would become of deployed state. An operator without state may come and go; so may what begins with empty state in
 * a stage of its own.
 */
export function stateChanges(deployed: Plan, next: Plan): StateChange[] {
  const now = new Map(stagesOf(next).map((stage) => [stage.id, stage]));
  return stagesOf(deployed).flatMap((before) => {
    const after = now.get(before.id);
    if (after === undefined) return goneWith(before, next);
    return before.fingerprint === after.fingerprint
      ? versionChanges(before, after)
      : shapeChanges(before, after);
  });
}

const stagesOf = ({ pipelines }: Plan): StagePlan[] => pipelines.flatMap(({ stages }) => stages);

const keepers = ({ operators }: StagePlan): OperatorPlan[] =>
  operators.filter(({ shape }) => shape !== undefined);

function goneWith(before: StagePlan, next: Plan): StateChange[] {
  return keepers(before).map(({ id }) => {
    const home = stagesOf(next).find(
      (stage) => stage.pipeline === before.pipeline && keepers(stage).some((one) => one.id === id),
    );
    const why =
      home === undefined ? "it is not there any more" : `it is in stage "${home.id}" now, and begins anew`;
    return { what: "lost", stage: before.id, operator: id, why };
  });
}

function shapeChanges(before: StagePlan, after: StagePlan): StateChange[] {
  const of = (operator: string | undefined, why: string): StateChange => ({
    what: "unread",
    stage: before.id,
    operator,
    why,
  });
  if (before.partitions !== after.partitions)
    return [of(undefined, `it has ${after.partitions} partitions instead of ${before.partitions}`)];
  const [old, now] = [keepers(before), keepers(after)];
  const changes = [
    ...old.flatMap(({ id, shape }) => {
      const same = now.find((one) => one.id === id);
      if (same === undefined) return [of(id, "it is not in this stage any more")];
      return same.shape === shape ? [] : [of(id, "what it keeps has another shape")];
    }),
    ...now
      .filter(({ id }) => !old.some((one) => one.id === id))
      .map(({ id }) => of(id, "it is new in this stage")),
  ];
  return changes.length > 0 ? changes : [of(undefined, "its operators come in another order")];
}

function versionChanges(before: StagePlan, after: StagePlan): StateChange[] {
  const [old, now] = [shapeIn(before), shapeIn(after)];
  return [
    ...old.versions,
    ...now.versions.filter(([operator, state]) => versionIn(old, operator, state) === 1),
  ].flatMap(([operator, state]): StateChange[] => {
    const [from, to] = [versionIn(old, operator, state), versionIn(now, operator, state)];
    if (from === to) return [];
    const why = `"${state}" goes from version ${from} to ${to}`;
    return [{ what: to > from ? "migrated" : "unread", stage: before.id, operator, why }];
  });
}

/** Plans from before there were versions have none. */
const shapeIn = ({ fingerprint, versions }: Partial<StateShape>): StateShape => ({
  fingerprint: fingerprint ?? "",
  versions: versions ?? [],
});
