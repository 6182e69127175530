import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { availableParallelism, cpus, totalmem } from "node:os";
import { fileURLToPath } from "node:url";
import { isoOf, systemClock } from "../../shared/time/clock.ts";
import type { Command, Output, Part, Recorded, Scale } from "./part.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** Runs a part to its end. An output that cannot be read is a finding that does not hold, never a missing one. */
export async function runPart(part: Part, scale: Scale, seeds: number | undefined): Promise<Recorded> {
  const commands = part.commands(scale, seeds);
  const on = { commit: commit(), date: isoOf(systemClock.now()).slice(0, 16), machine: machine() };
  const begun = performance.now();
  const outputs: Output[] = [];
  for (const command of commands) outputs.push(await outputOf(command));
  const seconds = Math.round((performance.now() - begun) / 1_000);
  return { ...read(part, outputs), commands: commands.map((words) => words.join(" ")), seconds, ...on };
}

function read(part: Part, outputs: readonly Output[]): ReturnType<Part["read"]> {
  try {
    return part.read(outputs);
  } catch (cause) {
    const codes = outputs.map(({ code }) => code).join(", ");
    return { held: false, sentence: `Could not be read (exit code ${codes}): ${String(cause)}` };
  }
}

async function outputOf([program, ...args]: Command): Promise<Output> {
  const child = spawn(program, args, { cwd: ROOT, stdio: ["ignore", "pipe", "inherit"] });
  let stdout = "";
  child.stdout.on("data", (bytes) => {
    stdout += bytes;
  });
  const [code] = await once(child, "close");
  return { code: typeof code === "number" ? code : -1, stdout };
}

const git = (...args: string[]): string => execFileSync("git", args, { cwd: ROOT, encoding: "utf8" }).trim();

function commit(): string {
  const changed = git("status", "--porcelain", "--untracked-files=no")
    .split("\n")
    .filter((line) => line !== "" && !/docs\/qualification\.(md|json)$/.test(line));
  return `${git("rev-parse", "--short", "HEAD")}${changed.length > 0 ? "+" : ""}`;
}

function machine(): string {
  const [cpu] = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${availableParallelism()} × ${cpu?.model.trim() ?? "unknown"}, ${memory} GiB, Node ${process.versions.node}`;
}
