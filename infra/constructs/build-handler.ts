import { basename, dirname } from "node:path";
import { type BuildOptions, buildSync } from "esbuild";

export type BuiltFile = { readonly name: string; readonly contents: Uint8Array };

export type BuildHandlerOptions = {
  /** Absolute path of the module that exports `app`. @default the shipped samples */
  readonly pipelines?: string | undefined;
  /** Packages to leave out, to be found where the bundle runs. @default only those that no Lambda function reaches */
  readonly leaveOut?: readonly string[];
};

/**
 * Builds a handler with all that it imports: `index.mjs` and its source map. The same sources give the same bytes.
 * The AWS SDK is part of it: the runtime's own copy changes without notice, and what was tested is what runs.
 * @param entry - absolute path of the module that exports `handler`
 * @param root - the folder to which paths in the source map are relative, so that they are the same everywhere
 * @throws esbuild's BuildFailure, whose message names file and line
 */
export const buildHandler = (
  entry: string,
  root: string,
  options: BuildHandlerOptions = {},
): readonly BuiltFile[] => buildHandlers(new Map([["bundle", entry]]), root, options).get("bundle") ?? [];

/** Builds handlers, by name, to the same bytes as one by one and in half the time: what they share is read once. */
export function buildHandlers(
  entries: ReadonlyMap<string, string>,
  root: string,
  { pipelines, leaveOut = [] }: BuildHandlerOptions = {},
): ReadonlyMap<string, readonly BuiltFile[]> {
  const { outputFiles } = buildSync({
    ...OPTIONS,
    entryPoints: Object.fromEntries([...entries].map(([name, entry]) => [`${name}/index`, entry])),
    absWorkingDir: root,
    external: [...UNREACHED, ...leaveOut],
    ...(pipelines === undefined ? {} : { alias: { "#pipelines": pipelines } }),
  });
  const built = new Map<string, BuiltFile[]>([...entries.keys()].map((name) => [name, []]));
  for (const { path, contents } of outputFiles)
    built.get(basename(dirname(path)))?.push({ name: basename(path), contents });
  return built;
}

/**
 * Where a laptop or a container finds its credentials, 108 KB: a Lambda has them in its environment, which the SDK
 * tries first, so that these imports are never reached.
 */
const UNREACHED: readonly string[] = [
  "@aws-sdk/credential-provider-http",
  "@aws-sdk/credential-provider-ini",
  "@aws-sdk/credential-provider-process",
  "@aws-sdk/credential-provider-sso",
  "@aws-sdk/credential-provider-web-identity",
  "@smithy/credential-provider-imds",
];

const OPTIONS: BuildOptions & { readonly write: false } = {
  bundle: true,
  write: false,
  outdir: ".",
  outExtension: { ".js": ".mjs" },
  format: "esm",
  platform: "node",
  target: "node24",
  // the ES modules of a package where it has them: only those can be shaken
  mainFields: ["module", "main"],
  minify: true,
  // names for stack traces, without the sources: the map is read only when an error is thrown
  sourcemap: "linked",
  sourcesContent: false,
  legalComments: "none",
  // errors are thrown, with the same text
  logLevel: "silent",
  // CommonJS packages inside an ES module still call require for Node's own modules
  banner: {
    js: 'import{createRequire as __requireFrom}from"node:module";const require=__requireFrom(import.meta.url);',
  },
};
