import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { JobResult } from "../../local/dev/job.ts";

const MAIN = fileURLToPath(new URL("../../cli/main.ts", import.meta.url));

export type Finished = {
  readonly exitCode: number;
  readonly result: JobResult;
  /** What it said meanwhile. */
  readonly said: string;
  /** The rows of a view, as its file has them. */
  view<Row>(name: string): Promise<Row[]>;
  [Symbol.asyncDispose](): Promise<void>;
};

/** Runs `npm start -- --once --json` as a process of its own, with an output folder of its own. */
export async function mainJob(...options: readonly string[]): Promise<Finished> {
  const output = await mkdtemp(join(tmpdir(), "millrace-e2e-"));
  const { promise, resolve } = Promise.withResolvers<{ exitCode: number; stdout: string; stderr: string }>();
  const job = ["dev", "--once", "--json", "--output", output, ...options];
  const child = execFile(process.execPath, [MAIN, ...job], (_, stdout, stderr) =>
    resolve({ exitCode: child.exitCode ?? -1, stdout, stderr }),
  );
  const { exitCode, stdout, stderr } = await promise;
  const dispose = () => rm(output, { recursive: true });
  let result: JobResult;
  try {
    result = JSON.parse(stdout) as JobResult;
  } catch (cause) {
    await dispose();
    throw new Error(`the main job ended with ${exitCode} and said:\n${stderr}`, { cause });
  }
  return {
    exitCode,
    result,
    said: stderr,
    view: async <Row>(name: string) =>
      (await readFile(join(output, `${name}.jsonl`), "utf8"))
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => JSON.parse(line) as Row),
    [Symbol.asyncDispose]: dispose,
  };
}
