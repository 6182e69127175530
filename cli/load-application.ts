import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { ownFile } from "../local/dev/own-file.ts";
import { pipelinesIn } from "../local/dev/project.ts";
import { MillraceError, messageOf } from "../shared/errors/millrace-error.ts";
import { type Application, application } from "../shared/pipeline/application.ts";
import { type Exports, exportedApplication, streamsOf } from "../shared/pipeline/exported-application.ts";
import { type Planned, planApplication } from "../shared/plan/planner.ts";

/** The module of the shipped pipelines. */
export const SHIPPED: string = ownFile("pipelines/index");

/** The module of pipelines of the working directory, or the shipped one. */
const usualModule = (): string => pipelinesIn(process.cwd()) ?? SHIPPED;

/**
 * The application that a module exports; bare pipelines that it exports make one of their own.
 * @throws MillraceError CLI_MODULE; whatever MillraceError the module itself throws
 */
export const loadApplication = async (file: string): Promise<Application> =>
  exportedApplication(await load(file), file);

/** The plan of the application that a module exports; without one, of that of the working directory. */
export const loadPlanned = async (file: string = usualModule()): Promise<Planned> =>
  planApplication(await loadApplication(file));

/**
 * An application with one of its pipelines alone, and the streams that this reads.
 * @throws MillraceError PIPELINE_UNKNOWN
 */
export function onlyPipeline({ name, pipelines }: Application, id: string): Application {
  const found = pipelines.filter((pipeline) => pipeline.id === id);
  if (found.length === 0)
    throw new MillraceError(
      "PIPELINE_UNKNOWN",
      `application "${name}" has no pipeline "${id}", only ${pipelines.map((each) => each.id).join(", ")}`,
      { next: "refused" },
    );
  return application(name, { streams: streamsOf(found), pipelines: found });
}

/**
 * The function `check` that a module exports.
 * @throws MillraceError CLI_MODULE where it has none
 */
export async function loadCheck(file: string): Promise<(outcome: never) => unknown> {
  const { check } = await load(file);
  if (typeof check === "function") return check as (outcome: never) => unknown;
  throw new MillraceError("CLI_MODULE", `"${file}" exports no function "check"`, { next: "refused" });
}

async function load(file: string): Promise<Exports> {
  try {
    return (await import(pathToFileURL(resolve(file)).href)) as Exports;
  } catch (cause) {
    if (cause instanceof MillraceError) throw cause;
    throw new MillraceError("CLI_MODULE", `"${file}" cannot be loaded: ${messageOf(cause)}`, {
      next: "refused",
      cause,
    });
  }
}
