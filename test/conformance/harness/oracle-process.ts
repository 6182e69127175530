import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { machine } from "./machine.ts";

const ORACLES = fileURLToPath(new URL("../../../.millrace/oracles/", import.meta.url));
const START_LIMIT_MS = 60_000;

/**
 * Installs something once, into a folder of its own that later runs find again.
 * @param name - with the version, e.g. `kinesalite-3.3.3`
 * @param install - fills the folder that it is given; where it throws, nothing stays
 */
export function installed(name: string, install: (folder: string) => void): string {
  const folder = join(ORACLES, name);
  if (existsSync(folder)) return folder;
  const unfinished = `${folder}.${process.pid}`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { recursive: true });
  install(unfinished);
  renameSync(unfinished, folder);
  return folder;
}

/** An npm package with what it needs, outside of the project's own dependencies. */
export function npmPackage(name: string, version: string): string {
  const folder = installed(`${name.replaceAll("/", "-")}-${version}`, (into) =>
    run("npm", ["install", "--no-audit", "--no-fund", "--prefix", into, `${name}@${version}`]),
  );
  return join(folder, "node_modules", name);
}

/** Runs a command to its end. Throws with its output where it fails. */
export function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv = machine): void {
  const { status, error, stdout, stderr } = spawnSync(command, args, { env, encoding: "utf8" });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")} failed: ${error ?? ""}${stdout}${stderr}`);
}

/** A free port of 127.0.0.1. */
export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const address = probe.address();
  probe.close();
  await once(probe, "close");
  if (typeof address !== "object" || address === null) throw new Error("no port");
  return address.port;
}

/** A server in a process of its own; resolves when it answers HTTP at `url`, with any status. */
export async function startServer(
  url: string,
  command: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv } = {},
): Promise<{ close(): Promise<void> }> {
  const cwd = options.cwd ?? dirname(ORACLES);
  mkdirSync(cwd, { recursive: true });
  const child = spawn(command, args, {
    cwd,
    env: { ...machine, ...options.env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (bytes) => {
      output = `${output}${bytes}`.slice(-4_000);
    });
  const exited = once(child, "exit");
  const deadline = performance.now() + START_LIMIT_MS;
  while (!(await answers(url))) {
    const gone = child.exitCode !== null || child.signalCode !== null;
    if (gone || performance.now() > deadline) {
      child.kill("SIGKILL");
      throw new Error(`${command} does not answer at ${url}: ${output}`);
    }
    await sleep(50);
  }
  return { close: () => stop(child, exited) };
}

async function answers(url: string): Promise<boolean> {
  try {
    await (await fetch(url)).arrayBuffer();
    return true;
  } catch {
    return false;
  }
}

async function stop(child: ChildProcess, exited: Promise<unknown>): Promise<void> {
  child.kill("SIGKILL");
  await exited;
}
