import { MillraceError } from "../errors/millrace-error.ts";
import type { Host } from "./host.ts";
import { inputOf, rowVersion, versionOfEdge } from "./kept-rows.ts";
import type { Push } from "./operator.ts";
import { rowKeeper } from "./row-keeper.ts";
import { keptRowsOf, type Stage } from "./stage.ts";

/**
 * Where rows of other stages enter by edges that say a version. Those of an earlier one than the operator's are migrated
 * first; where that cannot be, they fail there.
 * @param entries - by input; those of inputs whose rows have versions are taken out of it
 * @param hosts - by operator
 * @returns undefined for an edge that the stage does not have; throws `STATE_VERSION` for rows of a later version
 */
export function versionedEntries(
  { id, input: from, nodes }: Stage,
  entries: (Push | undefined)[],
  hosts: readonly Host[],
): (edge: number) => Push | undefined {
  if (from.kind !== "internal") return () => undefined;
  const makers = entries.map((push, input) => {
    const node = nodes.findIndex(
      ({ spec, inputs }) =>
        keptRowsOf(spec) !== undefined && inputs.some((one) => "edge" in one && one.edge === input),
    );
    const [host, kept] = [hosts[node], nodes[node] && keptRowsOf(nodes[node].spec)];
    if (push === undefined || host === undefined || kept === undefined) return undefined;
    const keeper = rowKeeper(host, kept, input);
    const present = rowVersion(kept, input);
    if (keeper.migrates) entries[input] = undefined;
    return (version: number): Push => {
      if (version > present) throw tooNew(id, host.id, version, present);
      if (version === present) return push;
      return (value) => {
        let row: unknown;
        try {
          row = keeper.migrated(value, version, host.context.key);
        } catch (thrown) {
          host.fail(value, thrown);
          return;
        }
        push(row);
      };
    };
  });
  const known = new Map<number, Push | undefined>();
  return (edge) => {
    if (!known.has(edge)) known.set(edge, makers[inputOf(edge)]?.(versionOfEdge(edge)));
    return known.get(edge);
  };
}

const tooNew = (stage: string, operator: string, version: number, present: number): MillraceError =>
  new MillraceError(
    "STATE_VERSION",
    `stage "${stage}": newer code sends rows of version ${version} to operator "${operator}", which this code keeps in version ${present}; deploy the newer code`,
    { next: "halted" },
  );
