import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const MAIN: string = fileURLToPath(new URL("../../cli/main.ts", import.meta.url));

export type Ended = { readonly exitCode: number; readonly stdout: string; readonly stderr: string };

/** Runs the command as a user does: a process of its own, its output no terminal. */
export function millrace(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  cwd: string = process.cwd(),
): Promise<Ended> {
  const { promise, resolve } = Promise.withResolvers<Ended>();
  const options = { cwd, env: { ...process.env, ...env }, maxBuffer: 2 ** 28 };
  const child = execFile(process.execPath, [MAIN, ...args], options, (_, stdout, stderr) =>
    resolve({ exitCode: child.exitCode ?? -1, stdout, stderr }),
  );
  return promise;
}

export type Folder = AsyncDisposable & {
  readonly path: string;
  /** Writes a file and returns its path. */
  write(name: string, content: string | Uint8Array): Promise<string>;
};

export async function folder(): Promise<Folder> {
  const path = await mkdtemp(join(tmpdir(), "millrace-cli-"));
  return {
    path,
    write: async (name, content) => {
      const file = join(path, name);
      await writeFile(file, content);
      return file;
    },
    [Symbol.asyncDispose]: () => rm(path, { recursive: true }),
  };
}

/** The public door, as a module in a temporary folder imports it: by a path, which Node and esbuild both follow. */
export const DOOR: string = JSON.stringify(fileURLToPath(new URL("../../shared/index.ts", import.meta.url)));
