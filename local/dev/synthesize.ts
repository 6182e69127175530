import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { join, relative } from "node:path";
import { promisify } from "node:util";
import { MillraceError, messageOf } from "../../shared/errors/millrace-error.ts";

export type SynthesizeOptions = {
  /** The project's folder: it holds cdk.json, and the app that this names. */
  readonly root: string;
  /** Where templates are kept, each in a folder named by the hash of its sources. */
  readonly cache: string;
  /** Called where nothing fitting is kept: the CDK takes some seconds. */
  readonly onStart?: () => void;
};

/** All that a template and its bundles are made from. */
const SOURCES = ["infra", "functions", "shared", "pipelines"];
const SETTINGS = ["package-lock.json", "cdk.json"];
const KEPT = 4;

/**
 * The folder with the CloudFormation templates and bundles that `cdk deploy` would use, made anew only where a
 * source has changed. The app is run as the CDK's own command line runs it, without that command line's second.
 * @throws MillraceError SYNTH_FAILED with what the app said
 */
export async function synthesize({ root, cache, onStart }: SynthesizeOptions): Promise<string> {
  const folder = join(cache, await hashOf(root));
  if (existsSync(folder)) return folder;
  onStart?.();
  await mkdir(cache, { recursive: true });
  // another process may be making the same: each works in a folder of its own, and the first to be done stays
  const draft = `${folder}.${process.pid}`;
  const { context = {} } = JSON.parse(await readFile(join(root, "cdk.json"), "utf8")) as {
    context?: unknown;
  };
  try {
    await run(process.execPath, ["infra/app.ts"], {
      cwd: root,
      env: { ...process.env, CDK_OUTDIR: draft, CDK_CONTEXT_JSON: JSON.stringify(context) },
    });
    await rename(draft, folder);
  } catch (cause) {
    await rm(draft, { recursive: true, force: true });
    if (existsSync(folder)) return folder;
    const said = cause instanceof Error && "stderr" in cause ? String(cause.stderr).trim() : messageOf(cause);
    throw new MillraceError("SYNTH_FAILED", `infra/app.ts made no template: ${said}`, {
      next: "refused",
      cause,
    });
  }
  await forgetOldest(cache);
  return folder;
}

const run = promisify(execFile);

async function hashOf(root: string): Promise<string> {
  const found = await Promise.all(
    SOURCES.map(async (folder) =>
      (await readdir(join(root, folder), { recursive: true, withFileTypes: true }))
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name)),
    ),
  );
  const files = [...found.flat(), ...SETTINGS.map((file) => join(root, file))].sort();
  const hash = createHash("sha256");
  for (const file of files) hash.update(`${relative(root, file)}\0`).update(await readFile(file));
  return hash.digest("hex").slice(0, 16);
}

async function forgetOldest(cache: string): Promise<void> {
  const folders = await Promise.all(
    (await readdir(cache)).map(async (name) => {
      const folder = join(cache, name);
      return { folder, madeAt: (await stat(folder)).mtimeMs };
    }),
  );
  folders.sort((a, b) => b.madeAt - a.madeAt);
  for (const { folder } of folders.slice(KEPT)) await rm(folder, { recursive: true, force: true });
}
