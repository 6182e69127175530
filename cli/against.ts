import { readFileSync } from "node:fs";
import { MillraceError } from "../shared/errors/millrace-error.ts";
import type { Plan } from "../shared/plan/plan.ts";
import { type StateChange, stateChanges } from "../shared/plan/state-changes.ts";

/**
 * What would become of the state of a deployed plan, a line each.
 * @throws MillraceError `PLAN_STATE_LOST` where some would not be read any more; `CLI_OPTION` for a file that is no plan
 */
export function against(file: string, next: Plan): string {
  const changes = stateChanges(deployedPlan(file), next);
  const lines = changes.map(lineOf);
  if (changes.some(({ what }) => what !== "migrated"))
    throw new MillraceError("PLAN_STATE_LOST", lines.join("\n"), { next: "refused" });
  return lines.length === 0 ? "all state that is deployed is read as it is" : lines.join("\n");
}

const SAID: Readonly<Record<StateChange["what"], string>> = {
  lost: "state would be lost",
  unread: "state could not be read, and the stage would stop",
  migrated: "state is migrated as it is read",
};

const lineOf = ({ what, stage, operator, why }: StateChange): string =>
  `stage "${stage}"${operator === undefined ? "" : `, operator "${operator}"`}: ${SAID[what]}: ${why}`;

function deployedPlan(file: string): Plan {
  let plan: Partial<Plan>;
  try {
    plan = JSON.parse(readFileSync(file, "utf8")) as Partial<Plan>;
  } catch (cause) {
    throw new MillraceError("CLI_OPTION", `--against "${file}" cannot be read as JSON`, {
      next: "refused",
      cause,
    });
  }
  if (plan.version === 1 && Array.isArray(plan.pipelines)) return plan as Plan;
  throw new MillraceError(
    "CLI_OPTION",
    `--against "${file}" is no plan, as \`millrace plan --json\` prints it`,
    {
      next: "refused",
    },
  );
}
