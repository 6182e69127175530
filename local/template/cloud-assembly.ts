import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { MillraceError } from "../../shared/errors/millrace-error.ts";

/** One resource of a template, its intrinsics not yet resolved. */
export type TemplateResource = {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
  readonly DependsOn?: string | readonly string[];
  readonly Condition?: string;
  /** What becomes of it when it is not in the template any more; one of Delete (the default), Retain, RetainExceptOnCreate. */
  readonly DeletionPolicy?: string;
  /** What becomes of it when another one has taken its place; Delete (the default) or Retain. */
  readonly UpdateReplacePolicy?: string;
};

/** A CloudFormation template, as far as the local cloud reads it. */
export type Template = {
  readonly Resources: Readonly<Record<string, TemplateResource>>;
  readonly Parameters?: Readonly<Record<string, { readonly Type: string; readonly Default?: unknown }>>;
  readonly Conditions?: Readonly<Record<string, unknown>>;
  readonly Mappings?: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>>;
  readonly Outputs?: Readonly<Record<string, TemplateOutput>>;
  /** Macros that CloudFormation would run over the template; none is run here. */
  readonly Transform?: unknown;
  readonly Metadata?: Readonly<Record<string, unknown>>;
};

type TemplateOutput = {
  readonly Value: unknown;
  readonly Condition?: string;
  /** Makes the value known to other stacks; CDK writes the name as a text. */
  readonly Export?: { readonly Name: unknown };
};

/** A stack of a `cdk.out` folder. */
export type Stack = {
  readonly name: string;
  readonly template: Template;
  /** Absolute folder of a file asset, by the object key under which its zip would be published. */
  readonly assetFolders: ReadonlyMap<string, string>;
};

type AssetManifest = {
  readonly files?: Readonly<
    Record<
      string,
      {
        readonly source: { readonly path?: string };
        readonly destinations: Readonly<Record<string, { readonly objectKey: string }>>;
      }
    >
  >;
};

/**
 * Reads the stacks that `cdk synth` wrote: `*.template.json` with the `*.assets.json` beside it, by name.
 * @throws MillraceError LOCAL_TEMPLATE_INVALID when the folder holds no template or one that is no JSON
 */
export function loadStacks(folder: string): readonly Stack[] {
  const names = namesIn(folder)
    .filter((name) => name.endsWith(".template.json"))
    .sort();
  if (names.length === 0) throw invalid(`"${folder}" holds no *.template.json; run "cdk synth" first`);
  return names.map((file) => {
    const name = file.slice(0, -".template.json".length);
    const template = readJson<Template>(join(folder, file));
    if (template.Resources === undefined) throw invalid(`"${file}" has no Resources`);
    return { name, template, assetFolders: assetFolders(folder, `${name}.assets.json`) };
  });
}

function assetFolders(folder: string, manifest: string): ReadonlyMap<string, string> {
  if (!namesIn(folder).includes(manifest)) return new Map();
  const { files = {} } = readJson<AssetManifest>(join(folder, manifest));
  return new Map(
    Object.values(files).flatMap(({ source, destinations }) =>
      Object.values(destinations).map(
        ({ objectKey }) => [objectKey, resolve(folder, source.path ?? "")] as const,
      ),
    ),
  );
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (cause) {
    throw invalid(`cannot read the folder "${folder}"`, cause);
  }
}

function readJson<T>(file: string): T {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as T;
  } catch (cause) {
    throw invalid(`"${file}" is no JSON`, cause);
  }
}

const invalid = (message: string, cause?: unknown): MillraceError =>
  new MillraceError("LOCAL_TEMPLATE_INVALID", message, { next: "refused", cause });
