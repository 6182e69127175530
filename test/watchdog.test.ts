import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";

/** How a process ends that is watched, and what it leaves in its folder. */
async function ended(watch: string, then: string): Promise<unknown> {
  const cwd = mkdtempSync(join(tmpdir(), "millrace-watchdog-"));
  onTestFinished(() => rmSync(cwd, { recursive: true }));
  const script = `
    import { Watchdog } from ${JSON.stringify(new URL("watchdog.ts", import.meta.url).href)};
    const dog = new Watchdog("left-");
    ${watch}
    ${then}`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], { cwd, stdio: "ignore" });
  const [code, signal] = await once(child, "exit");
  return { code, signal, left: readdirSync(cwd) };
}

test("a loop without an end is ended by its CPU time, and its number is left", async () => {
  const found = await ended("dog.watch({ cpuMs: 50, number: 7 });", "for (;;);");
  expect(found).toEqual({ code: null, signal: "SIGKILL", left: ["left-7"] });
});

test("what waits for ever is ended by the clock", async () => {
  const found = await ended("dog.watch({ cpuMs: 1e9, clockMs: 50 });", "setInterval(() => {}, 1e6);");
  expect(found).toEqual({ code: null, signal: "SIGKILL", left: ["left-0"] });
});

test("what ends by itself, and what is not watched any more, is let be", async () => {
  const found = await ended("dog.watch({ cpuMs: 1e9 });", "dog.rest();");
  expect(found).toEqual({ code: 0, signal: null, left: [] });
});
