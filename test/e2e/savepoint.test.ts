import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { millrace } from "../cli/millrace.ts";
import { PASSES, VERSIONS, type Visit, WINDOW } from "./update/visits.ts";
import { VisitsCloud } from "./update/visits-cloud.ts";

const LONG = 240_000;
const MODULE = fileURLToPath(new URL("./update/first.ts", import.meta.url));

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "millrace-savepoint-"));
  const stack = fileURLToPath(new URL("./update/stack.ts", import.meta.url));
  await promisify(execFile)(process.execPath, [stack, folder, "first", "0", "1"]);
}, LONG);
afterAll(() => rmSync(folder, { recursive: true }));
const templateOf = (epoch: 0 | 1): string => join(folder, `first-${epoch}`);

type Row = {
  readonly key: string;
  readonly window: { readonly start: number };
  readonly marks: readonly string[];
};

/** Each page's visits, window by window. */
function rowsOf(visits: readonly Visit[]): string[] {
  const rows = new Map<string, string[]>();
  for (const { page, time, n } of visits.filter((visit) => PASSES["first"]?.(visit))) {
    const id = `${page} ${Math.floor(time / WINDOW) * WINDOW}`;
    rows.set(id, [...(rows.get(id) ?? []), `first ${n}`]);
  }
  return [...rows].map(([id, marks]) => `${id}: ${marks.join()}`).sort();
}
const told = (rows: readonly Row[]): string[] =>
  rows.map(({ key, window, marks }) => `${key} ${window.start}: ${marks.join()}`).sort();

async function command(...args: string[]): Promise<unknown> {
  const { exitCode, stdout, stderr } = await millrace([...args, "--json"]);
  expect([exitCode, stderr]).toEqual([0, expect.any(String)]);
  return JSON.parse(stdout);
}

test(
  "an application is taken back to a savepoint and counts each visit once; a fork goes on from it, too",
  async () => {
    const running = await VisitsCloud.start(templateOf(0));
    const fork = await VisitsCloud.start(templateOf(1));
    try {
      const at = ["--endpoint", running.cloud.url];
      await running.send((count) => count < 500);
      await running.committed(VERSIONS.first);
      const taken = await command("savepoint", "create", MODULE, "--id", "one", ...at);
      expect(taken).toMatchObject({ id: "one", application: "visits", epoch: 0 });
      expect(await command("savepoint", "list", ...at)).toMatchObject([{ id: "one" }]);
      await running.send((count) => count < 300);
      await running.committed(VERSIONS.first);

      expect(await command("restore", "one", MODULE, ...at)).toMatchObject({
        epoch: 1,
        partitions: 4,
        dropped: [],
      });
      await running.cloud.update(templateOf(1));
      await running.send((count) => count < 300);
      expect(await running.end(VERSIONS.first)).toMatchObject({ late: 0, failed: 0, discarded: 0 });
      expect(told(await running.rows<Row>(VERSIONS.first, "per_page", folder))).toEqual(rowsOf(running.sent));
      expect(await command("savepoint", "show", "one", ...at)).toEqual(taken);

      expect(await command("fork", "one", MODULE, ...at, "--to", fork.cloud.url)).toMatchObject({
        epoch: 1,
        application: "visits",
        partitions: 4,
      });
      // the fork has streams of its own: it is sent what the savepoint had not read
      fork.sent.push(...running.sent.slice(0, 500));
      await fork.send((count) => count < 300);
      await fork.end(VERSIONS.first);
      const rows = told(await fork.rows<Row>(VERSIONS.first, "per_page", folder));
      expect(rows).toEqual(rowsOf(fork.sent));
    } finally {
      await Promise.all([running.cloud.close(), fork.cloud.close()]);
    }
  },
  LONG,
);

test("what no deployment answers to is told", async () => {
  const { exitCode, stderr } = await millrace(["savepoint", "list"]);
  expect([exitCode, stderr]).toEqual([2, expect.stringContaining("DEPLOYMENT_UNKNOWN")]);
  const missing = await millrace(["restore", "one", MODULE, "--endpoint", "http://127.0.0.1:9"]);
  expect([missing.exitCode, missing.stderr]).toEqual([2, expect.stringContaining("does not answer")]);
  const outputs = join(folder, "outputs.json");
  const Deployment = { application: "visits", epoch: 0, bucket: "visits-bucket", streams: {} };
  writeFileSync(outputs, JSON.stringify({ visits: { Deployment: JSON.stringify(Deployment) } }));
  const gone = ["--outputs", outputs, "--endpoint", "http://127.0.0.1:9"];
  const { exitCode: code, stderr: said } = await millrace(["savepoint", "list", ...gone]);
  expect([code, said]).toEqual([
    3,
    expect.stringMatching(/^ECONNREFUSED .*\n→ see that region, credentials/),
  ]);
});
