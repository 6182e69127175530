import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { folder, MAIN } from "./millrace.ts";

/** The template is synthesized first, which takes a while on a machine that is busy. */

test("serves what came of the sample until Ctrl-C, then ends with 0", async () => {
  await using place = await folder();
  const dev = ["dev", "--limit", "2000", "--output", place.path];
  const child = spawn(process.execPath, [MAIN, ...dev], { stdio: ["ignore", "pipe", "pipe"] });
  const ended = once(child, "exit");
  const summary = once(child.stdout, "data").then(([data]) => String(data));
  let url = "";
  try {
    const said: string[] = [];
    for await (const line of createInterface({ input: child.stderr })) {
      said.push(line);
      if (line.startsWith("serving")) break;
    }
    expect(await summary).toMatch(/events sent +2,000\n/);
    const variables = said.join("\n").matchAll(/(AWS_\w+)=(\S+)/g);
    const env = Object.fromEntries([...variables].map(([, name, value]) => [name, value]));
    expect(await streamNames(env)).toContainEqual(expect.stringContaining("flights"));
    url = /curl '(.+)'/.exec(said.join("\n"))?.[1] ?? "";
    const answer = await fetch(url);
    expect(answer.status).toBe(200);
    const rows = (await readFile(join(place.path, "hourly_delays.jsonl"), "utf8"))
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as { readonly key: string });
    const { key, items } = (await answer.json()) as { key: string; items: readonly unknown[] };
    expect(items).toEqual(rows.filter((row) => row.key === key).slice(0, 5));
  } finally {
    child.kill("SIGINT");
  }
  expect(await ended).toEqual([0, null]);
  await expect(fetch(url)).rejects.toThrow("fetch failed");
});

/** What an SDK client finds that knows nothing but these variables. */
async function streamNames(env: NodeJS.ProcessEnv): Promise<readonly string[]> {
  const script = `
    import { KinesisClient, ListStreamsCommand } from "@aws-sdk/client-kinesis";
    const { StreamNames } = await new KinesisClient().send(new ListStreamsCommand());
    process.stdout.write(JSON.stringify(StreamNames));`;
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", script], {
    env: { ...process.env, ...env },
  });
  return JSON.parse(stdout) as string[];
}

test("ends with 130 where it is interrupted before the end", async () => {
  await using place = await folder();
  const dev = ["dev", "--once", "--rate", "100", "--output", place.path];
  const child = spawn(process.execPath, [MAIN, ...dev], { stdio: ["ignore", "pipe", "pipe"] });
  const ended = once(child, "exit");
  for await (const line of createInterface({ input: child.stderr }))
    if (/^\d.* of 336,776 events/.test(line)) break;
  child.kill("SIGINT");
  expect(await ended).toEqual([130, null]);
});
