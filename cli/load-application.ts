import { basename, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { MillraceError, messageOf } from "../shared/errors/millrace-error.ts";
import type { Stream } from "../shared/events/stream.ts";
import { type Application, application } from "../shared/pipeline/application.ts";
import type { Pipeline } from "../shared/pipeline/graph.ts";

/** The shipped pipelines. */
const SHIPPED: string = fileURLToPath(new URL("../pipelines/index.ts", import.meta.url));

/**
 * The application that a module exports; bare pipelines that it exports make one of their own.
 * @throws MillraceError CLI_MODULE; whatever MillraceError the module itself throws
 */
export async function loadApplication(file: string = SHIPPED): Promise<Application> {
  const exported = Object.values(await load(file));
  const applications = [...new Set(exported.filter(isApplication))];
  const [first, second] = applications;
  if (second !== undefined)
    throw refused(`"${file}" exports ${applications.length} applications, where one is wanted`);
  if (first !== undefined) return first;
  const pipelines = [...new Set(exported.filter(isPipeline))];
  if (pipelines.length === 0) throw refused(`"${file}" exports neither an application nor a pipeline`);
  return application(nameOf(file), { streams: streamsOf(pipelines), pipelines });
}

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

async function load(file: string): Promise<Record<string, unknown>> {
  try {
    return (await import(pathToFileURL(resolve(file)).href)) as Record<string, unknown>;
  } catch (cause) {
    if (cause instanceof MillraceError) throw cause;
    throw refused(`"${file}" cannot be loaded: ${messageOf(cause)}`, cause);
  }
}

const streamsOf = (pipelines: readonly Pipeline[]): Stream<unknown>[] => [
  ...new Set(
    pipelines.flatMap(({ nodes }) =>
      nodes.flatMap(({ spec }) => (spec.kind === "source" ? [spec.stream] : [])),
    ),
  ),
];

const kindOf = (value: unknown): unknown =>
  typeof value === "object" && value !== null && "kind" in value ? value.kind : undefined;

const isApplication = (value: unknown): value is Application => kindOf(value) === "application";
const isPipeline = (value: unknown): value is Pipeline => kindOf(value) === "pipeline";

/** `pipelines/My orders.ts` → my-orders */
const nameOf = (file: string): string =>
  basename(file)
    .replace(/\.[^.]*$/, "")
    .toLowerCase()
    .replace(/[^a-z0-9_-]+/g, "-")
    .replace(/^[^a-z]+/, "")
    .slice(0, 48) || "application";

const refused = (message: string, cause?: unknown): MillraceError =>
  new MillraceError("CLI_MODULE", message, { next: "refused", ...(cause === undefined ? {} : { cause }) });
