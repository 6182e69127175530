import { MillraceError } from "../../shared/errors/millrace-error.ts";
import { type StateShape, unreadable } from "../../shared/state/stamp.ts";
import type { Cloud } from "../cloud.ts";
import { deploymentOf } from "./deployment.ts";
import { lastEntries } from "./last-entries.ts";
import { stackNotes } from "./stack-notes.ts";

/**
 * Checks before a template is deployed that its stages can read the state that is there: a stage that cannot would
 * stand still from then on.
 * @throws MillraceError STATE_MISMATCH naming the stages
 */
export function checkKeptState(cloud: Cloud, templateDir: string): void {
  const { stages } = stackNotes(templateDir);
  if (stages.length === 0) return;
  const wanted = new Map(stages.map((stage) => [stage.id, stage]));
  const { logTable, epoch } = deploymentOf(cloud);
  const others = lastEntries(cloud.dynamodb, logTable, stages, epoch).filter(
    ({ stage, last }) => last !== undefined && !isReadable(wanted.get(stage), last.fingerprint),
  );
  const names = [...new Set(others.map(({ stage }) => `"${stage}"`))];
  if (names.length === 0) return;
  throw new MillraceError(
    "STATE_MISMATCH",
    `${names.join(", ")} would not read the state that is there: partitions, or the shape of a window, have changed, or a newer version of the code wrote it`,
    { next: "refused" },
  );
}

const isReadable = (stage: StateShape | undefined, stamp: string): boolean =>
  stage !== undefined && unreadable(stage, stamp) === undefined;
