import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { freePort, npmPackage } from "../../test/conformance/harness/oracle-process.ts";

/** A server that is measured. */
export type Contestant = {
  readonly name: string;
  readonly speaks: readonly ("kinesis" | "dynamodb")[];
  /** Arguments of Node, and what must be in the environment, to serve on this port. */
  readonly command: (port: number) => {
    readonly args: readonly string[];
    readonly env?: NodeJS.ProcessEnv;
    readonly cwd?: string;
  };
};

const fromHere = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** All listen on loopback alone, also those that have no option for it. */
const LOOPBACK = ["--require", fromHere("../../test/conformance/harness/loopback.cjs")];

/** @param templateDir - what the local cloud deploys before it answers */
export function contestants(templateDir: string): readonly Contestant[] {
  const dynalite = npmPackage("dynalite", "4.0.0");
  const kinesalite = npmPackage("kinesalite", "3.3.3");
  const kinesisLocal = npmPackage("kinesis-local", "0.6.2");
  return [
    {
      name: "Millrace",
      speaks: ["kinesis", "dynamodb"],
      command: (port) => ({ args: [fromHere("./serve.ts"), templateDir, String(port)] }),
    },
    {
      name: "kinesalite 3.3.3",
      speaks: ["kinesis"],
      command: (port) => ({
        args: [...LOOPBACK, join(kinesalite, "cli.js"), "--port", String(port), "--createStreamMs", "0"],
      }),
    },
    {
      name: "kinesis-local 0.6.2",
      speaks: ["kinesis"],
      command: (port) => ({
        args: [...LOOPBACK, "main.js"],
        // where it looks for its certificate
        cwd: kinesisLocal,
        env: {
          KINESIS_MOCK_PLAIN_PORT: String(port),
          KINESIS_MOCK_TLS_PORT: String(port + 1),
          CREATE_STREAM_DURATION: "0ms",
          LOG_LEVEL: "ERROR",
        },
      }),
    },
    {
      name: "dynalite 4.0.0",
      speaks: ["dynamodb"],
      command: (port) => ({
        args: [...LOOPBACK, join(dynalite, "cli.js"), "--port", String(port), "--createTableMs", "0"],
      }),
    },
  ];
}

/** A contestant that runs. */
export type Running = {
  readonly url: string;
  /** From the start of its process to its first answer. */
  readonly startSeconds: number;
  /** The first line that it printed. */
  readonly firstLine: () => string;
  /** Resident memory, in MB of 10^6 bytes. NaN where the system does not tell. */
  readonly memoryMB: () => number;
  /** CPU time so far, user and system of all threads, in seconds. NaN where the system does not tell. */
  readonly cpuSeconds: () => number;
  close(): Promise<void>;
};

const START_LIMIT_MS = 60_000;

export async function started({ name, command }: Contestant): Promise<Running> {
  const port = await freePort();
  const { args, env, cwd } = command(port);
  const startedAt = performance.now();
  const child = spawn(process.execPath, args, {
    cwd: cwd ?? fromHere("../.."),
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let printed = "";
  let complaints = "";
  child.stdout.on("data", (bytes) => {
    printed += bytes;
  });
  child.stderr.on("data", (bytes) => {
    complaints = `${complaints}${bytes}`.slice(-2_000);
  });
  const exited = once(child, "exit");
  const url = `http://127.0.0.1:${port}`;
  while (!(await answers(url))) {
    if (child.exitCode !== null || performance.now() - startedAt > START_LIMIT_MS) {
      child.kill("SIGKILL");
      throw new Error(`${name} does not answer: ${complaints}`);
    }
    await sleep(5);
  }
  const startSeconds = (performance.now() - startedAt) / 1_000;
  return {
    url,
    startSeconds,
    firstLine: () => printed.split("\n")[0] ?? "",
    memoryMB: () => residentMB(child),
    cpuSeconds: () => cpuSeconds(child),
    close: async () => {
      child.kill("SIGTERM");
      await exited;
    },
  };
}

async function answers(url: string): Promise<boolean> {
  try {
    await (await fetch(url)).arrayBuffer();
    return true;
  } catch {
    return false;
  }
}

/** Linux counts it in hundredths of a second (proc_pid_stat(5): utime and stime). */
function cpuSeconds({ pid }: ChildProcess): number {
  if (process.platform !== "linux") return Number.NaN;
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // the name before them, in parentheses, may hold spaces
  const [user, system] = stat
    .slice(stat.lastIndexOf(")") + 2)
    .split(" ")
    .slice(11, 13);
  return (Number(user) + Number(system)) / 100;
}

function residentMB({ pid }: ChildProcess): number {
  if (process.platform !== "linux") return Number.NaN;
  const [, kilobytes = ""] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return (Number(kilobytes) * 1_024) / 1e6;
}
