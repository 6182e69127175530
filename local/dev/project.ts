import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { MillraceError } from "../../shared/errors/millrace-error.ts";
import { ownFile } from "./own-file.ts";
import { type AppCommand, cdkApp, defaultApp } from "./synth/app-command.ts";

/** What `millrace dev` runs. */
export type Project = {
  /** `cdk.json`, or the module of pipelines, as its user would call it. */
  readonly name: string;
  readonly folder: string;
  /** Whether its streams are those that the shipped samples feed. */
  readonly hasSamples: boolean;
  /** The module of pipelines, where it is known. */
  readonly module: string | undefined;
  /** How it is synthesized, by what its settings say now. */
  app(): AppCommand;
};

export type ProjectOptions = {
  readonly folder: string;
  /** The package's own folder: that of a clone, or that in node_modules. */
  readonly packageFolder: string;
  /** A folder for what is made. */
  readonly work: string;
  /** A module of pipelines that is to be run, whatever the folder holds. */
  readonly pipelines?: string | undefined;
  /** Whether the shipped pipelines are asked for where the folder has none. */
  readonly samples?: boolean | undefined;
};

/**
 * The project of a folder: a given module of pipelines; the app of its cdk.json; or the module that is its
 * `#pipelines` or `pipelines/index`.
 * @throws MillraceError CLI_NO_PIPELINES
 */
export function projectIn(options: ProjectOptions): Project {
  const { folder, packageFolder, work, pipelines, samples } = options;
  const moduleProject = (module: string, name: string, hasSamples: boolean): Project => ({
    name,
    folder,
    hasSamples,
    module,
    app: () => defaultApp(module, folder, work),
  });
  if (pipelines !== undefined) {
    const module = resolve(folder, pipelines);
    if (!existsSync(module)) throw missing(`"${pipelines}" is not there`);
    return moduleProject(module, pipelines, false);
  }
  const module = pipelinesIn(folder);
  if (existsSync(join(folder, "cdk.json")))
    return {
      name: "cdk.json",
      folder,
      hasSamples: folder === packageFolder,
      module,
      app: () => cdkApp(folder),
    };
  if (module !== undefined) return moduleProject(module, module.slice(folder.length + 1), false);
  if (samples) return moduleProject(ownFile("pipelines/index"), "the shipped pipelines", true);
  throw missing(`"${folder}" holds neither a cdk.json nor pipelines/index.ts`);
}

/** The module of pipelines of a folder, where it has one in a known place. */
export function pipelinesIn(folder: string): string | undefined {
  const named = importedAs("#pipelines", folder);
  const places = [
    ...(named === undefined ? [] : [named]),
    ...EXTENSIONS.map((end) => `pipelines/index${end}`),
  ];
  return places.map((place) => join(folder, place)).find((file) => existsSync(file));
}

const EXTENSIONS = [".ts", ".mts", ".js", ".mjs"];

/** What a package calls by a name of its own (https://nodejs.org/api/packages.html#subpath-imports). */
function importedAs(name: string, folder: string): string | undefined {
  const file = join(folder, "package.json");
  if (!existsSync(file)) return undefined;
  const { imports = {} } = JSON.parse(readFileSync(file, "utf8")) as {
    imports?: Readonly<Record<string, unknown>>;
  };
  const target = imports[name];
  if (typeof target === "string") return target;
  const { default: byDefault } = Object(target) as { readonly default?: unknown };
  return typeof byDefault === "string" ? byDefault : undefined;
}

const missing = (what: string): MillraceError =>
  new MillraceError("CLI_NO_PIPELINES", what, { next: "refused" });
