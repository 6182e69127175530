import { MillraceError } from "../errors/millrace-error.ts";
import type { Stream } from "../events/stream.ts";
import { type Application, application } from "./application.ts";
import type { Pipeline } from "./graph.ts";

/** A module's exports, by name. */
export type Exports = Readonly<Record<string, unknown>>;

/**
 * The application that a module exports; bare pipelines that it exports make one of their own.
 * @param file - names the module in messages, and the application of bare pipelines
 * @throws MillraceError CLI_MODULE where it exports neither, or several applications
 */
export function exportedApplication(exports: Exports, file: string): Application {
  const exported = Object.values(exports);
  const applications = [...new Set(exported.filter(isApplication))];
  const [first, second] = applications;
  if (second !== undefined)
    throw refused(`"${file}" exports ${applications.length} applications, where one is wanted`);
  if (first !== undefined) return first;
  const pipelines = [...new Set(exported.filter(isPipeline))];
  if (pipelines.length === 0) throw refused(`"${file}" exports neither an application nor a pipeline`);
  return application(nameOf(file), { streams: streamsOf(pipelines), pipelines });
}

/** The streams that pipelines read, each once. */
export const streamsOf = (pipelines: readonly Pipeline[]): Stream<unknown>[] => [
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

/** `pipelines/My orders.ts` → my-orders; `index.ts` says nothing, and its folder does. */
function nameOf(file: string): string {
  const parts = file.split(/[\\/]/).filter((part) => part !== "");
  const last = (parts.at(-1) ?? "").replace(/\.[^.]*$/, "");
  const named = last === "index" ? (parts.at(-2) ?? last) : last;
  return (
    named
      .toLowerCase()
      .replace(/[^a-z0-9_-]+/g, "-")
      .replace(/^[^a-z]+/, "")
      .slice(0, 48) || "application"
  );
}

const refused = (message: string): MillraceError =>
  new MillraceError("CLI_MODULE", message, { next: "refused" });
