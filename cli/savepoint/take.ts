import { MillraceError } from "../../shared/errors/millrace-error.ts";
import type { Planned } from "../../shared/plan/planner.ts";
import { createSavepoint } from "../../shared/protocol/savepoint/create.ts";
import { readSavepoint, type Savepoint, savepointIds } from "../../shared/protocol/savepoint/manifest.ts";
import { isoOf, systemClock } from "../../shared/time/clock.ts";
import { findDeployment, type PlaceOptions } from "./deployment.ts";
import { reaching } from "./reach.ts";

/** Takes a savepoint of the application that is deployed there. */
export async function takeSavepoint(
  planned: Planned,
  options: PlaceOptions & { readonly id?: string },
): Promise<Savepoint> {
  const place = await findDeployment(options);
  const { application, streams } = place.deployment;
  expectApplication(planned, application);
  return reaching(place, planned, ({ env }) =>
    createSavepoint({ planned, env, id: checkedId(options.id ?? idOfNow()), streams }),
  );
}

/** The savepoints of the application that is deployed there, the oldest first. */
export async function listSavepoints(options: PlaceOptions): Promise<Savepoint[]> {
  const place = await findDeployment(options);
  const { application } = place.deployment;
  return reaching(place, undefined, async ({ env: { blobs } }) => {
    const savepoints: Savepoint[] = [];
    for (const id of await savepointIds(blobs, application))
      savepoints.push(await readSavepoint(blobs, application, id));
    return savepoints.sort((a, b) => a.createdAt - b.createdAt);
  });
}

/** @throws MillraceError `SAVEPOINT_UNKNOWN` */
export async function findSavepoint(id: string, options: PlaceOptions): Promise<Savepoint> {
  const place = await findDeployment(options);
  return reaching(place, undefined, ({ env }) => readSavepoint(env.blobs, place.deployment.application, id));
}

/** @throws MillraceError `DEPLOYMENT_UNKNOWN` where the pipelines are those of another application */
export function expectApplication({ plan }: Planned, application: string): void {
  if (plan.application === application) return;
  throw new MillraceError(
    "DEPLOYMENT_UNKNOWN",
    `what is deployed there is application "${application}", and the pipelines are of "${plan.application}"`,
    { next: "refused" },
  );
}

/** `20260131T120000Z`: names that sort by time. */
const idOfNow = (): string => isoOf(systemClock.now()).replace(/\.\d+/, "").replaceAll(/[-:]/g, "");

function checkedId(id: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$/.test(id)) return id;
  throw new MillraceError(
    "CLI_OPTION",
    `"${id}" is no name for a savepoint: at most 100 letters, digits, ".", "_" and "-"`,
    { next: "refused" },
  );
}
