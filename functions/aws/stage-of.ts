import { MillraceError } from "../../shared/errors/millrace-error.ts";
import type { Stage } from "../../shared/operators/stage.ts";
import type { Application } from "../../shared/pipeline/application.ts";
import { planApplication } from "../../shared/plan/planner.ts";
import { setting } from "./settings.ts";

/**
 * The stage that this function was deployed for.
 * @throws MillraceError `STAGE_UNKNOWN` where the pipelines in the bundle have no such stage
 */
export function stageOf(app: Application): Stage {
  const id = setting("MILLRACE_STAGE");
  const stage = planApplication(app).stages.get(id);
  if (stage !== undefined) return stage;
  throw new MillraceError("STAGE_UNKNOWN", `no pipeline of application "${app.name}" has a stage "${id}"`, {
    next: "refused",
  });
}
