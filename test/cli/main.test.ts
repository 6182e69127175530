import { describe, expect, test } from "vitest";
import { readSensors } from "../../local/feed/sensors.ts";
import { millrace } from "./millrace.ts";

describe("millrace", () => {
  test("tells its commands and what its exit codes mean", async () => {
    const { exitCode, stdout } = await millrace(["--help"]);
    expect(exitCode).toBe(0);
    for (const text of ["plan", "run", "dev", "sample", "Exit codes:", "2    the command"])
      expect(stdout).toContain(text);
  });

  test.each([
    [["pla"], "unknown command"],
    [["plan", "--jsn"], "unknown option"],
    [["run", "x.ts"], "required option"],
    [["run", "x.ts", "--input", "flights", "--output", "y"], "<stream>=<file>"],
    [["dev", "--limit", "0"], "whole number from 1"],
    [["dev", "--sample", "boats"], "Allowed choices are flights"],
  ])("ends with 2 and points to the help at %j", async (args, message) => {
    const { exitCode, stdout, stderr } = await millrace(args);
    expect(exitCode).toBe(2);
    expect(stdout).toBe("");
    expect(stderr).toContain(message);
    expect(stderr).toContain("--help");
  });

  test("uses no colours where the output is no terminal", async () => {
    const { stdout } = await millrace(["plan"], { TERM: "xterm-256color" });
    expect(stdout).not.toContain("\u001b");
  });

  test("writes a sample as JSON lines, in the order in which it happened", async () => {
    const { exitCode, stdout } = await millrace(["sample", "sensors"]);
    expect(exitCode).toBe(0);
    const events = stdout.trimEnd().split("\n");
    expect(events.map((line) => JSON.parse(line))).toEqual(await readSensors());
  });
});
