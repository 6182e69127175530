import type { Cloud } from "../../local/cloud.ts";
import { fillLookups, lookedUpIn } from "../../local/dev/fill-lookups.ts";
import type { Project } from "../../local/dev/project.ts";
import { cloudContents, type LookupFiles } from "../../local/run/lookup-files.ts";
import { MillraceError } from "../../shared/errors/millrace-error.ts";
import { loadPlanned } from "../load-application.ts";
import type { Terminal } from "../terminal.ts";

/**
 * Reads the files of tables that a project's pipelines look up. What is given writes them into the cloud, and names the
 * tables of a project without an app of its own that have no file.
 * @throws MillraceError `RUN_INPUT`; `CLI_OPTION` where the pipelines are not known
 */
export async function readLookupFiles(
  { module, name: project }: Project,
  files: LookupFiles,
  { say }: Pick<Terminal, "say">,
): Promise<(cloud: Cloud) => void> {
  if (files.size > 0 && module === undefined)
    throw new MillraceError(
      "CLI_OPTION",
      "--lookup goes by what the pipelines say of their tables: name their module with --pipelines",
      { next: "refused" },
    );
  const contents =
    files.size === 0 ? {} : cloudContents([...(await loadPlanned(module)).stages.values()], files);
  return (cloud) => {
    fillLookups(cloud, contents);
    if (project === "cdk.json") return;
    for (const name of lookedUpIn(cloud).keys())
      if (!files.has(name)) say(`lookup "${name}" is given no rows: --lookup ${name}=<file> does`);
  };
}
