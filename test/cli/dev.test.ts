import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect, test } from "vitest";
import { folder, MAIN } from "./millrace.ts";

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
}, 120_000);

test("ends with 130 where it is interrupted before the end", async () => {
  await using place = await folder();
  const dev = ["dev", "--once", "--rate", "100", "--output", place.path];
  const child = spawn(process.execPath, [MAIN, ...dev], { stdio: ["ignore", "pipe", "pipe"] });
  const ended = once(child, "exit");
  for await (const line of createInterface({ input: child.stderr }))
    if (/^\d.* of 336,776 events/.test(line)) break;
  child.kill("SIGINT");
  expect(await ended).toEqual([130, null]);
}, 120_000);
