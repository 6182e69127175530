import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { PASSES, VERSIONS, WINDOW } from "./update/visits.ts";
import { PAGES, partitionOf, VisitsCloud } from "./update/visits-cloud.ts";

const LONG = 180_000;

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "millrace-update-"));
  const stack = fileURLToPath(new URL("./update/stack.ts", import.meta.url));
  await promisify(execFile)(process.execPath, [stack, folder]);
}, LONG);
afterAll(() => rmSync(folder, { recursive: true }));
const templateOf = (version: keyof typeof VERSIONS) => join(folder, version);

let running: VisitsCloud;
beforeEach(async () => {
  running = await VisitsCloud.start(templateOf("first"));
});
afterEach(() => running.cloud.close());

type Row = { readonly key: string; readonly window: { readonly start: number; readonly end: number } };
type PerPage = Row & { readonly marks: readonly string[] };
type Totals = Row & { readonly visits: number };

test(
  "an update while events flow: each is counted once, by the version that met it, in the window that was open",
  async () => {
    await running.send((count) => count < 700);
    await running.committed(VERSIONS.first);
    const open = await Promise.all(PAGES.map((page) => running.openWindows<PerPage>(page)));
    const shown = await running.rows<PerPage>(VERSIONS.first, "per_page", folder);
    const marks = [...open.flat(), ...shown].flatMap((row) => row.marks);
    expect(marks).toHaveLength(running.sent.filter(PASSES["first"] ?? (() => true)).length);
    expect(open.flat().length).toBeGreaterThan(0);

    const flowing = Promise.withResolvers<void>();
    let isUpdated = false;
    let after = 0;
    const sending = running.send((count) => {
      if (count === 300) flowing.resolve();
      return !isUpdated || after++ < 700;
    });
    await flowing.promise;
    const update = await running.cloud.update(templateOf("second"));
    isUpdated = true;
    await sending;
    expect(update.created.filter((id) => id.includes("totals"))).not.toEqual([]);
    expect(update.replaced).toEqual([]);
    expect(update.deleted).toEqual([]);

    expect(await running.end(VERSIONS.second)).toMatchObject({ late: 0, failed: 0, discarded: 0 });
    const rows = await running.rows<PerPage>(VERSIONS.second, "per_page", folder);
    expect(possibleRows(rows)).toContainEqual(rows.map(withoutPane));
    expect(rows.some(({ marks }) => versionsIn(marks).size === 2)).toBe(true);
    // the new pipeline has read the stream from its start
    const totals = await running.rows<Totals>(VERSIONS.second, "totals", folder);
    expect(totals.reduce((sum, { visits: count }) => sum + count, 0)).toBe(running.sent.length);
  },
  LONG,
);

test(
  "state that the new version cannot read stops its stage, and rolling the template back makes it go on",
  async () => {
    await running.cloud.update(templateOf("second"));
    await running.send((count) => count < 500);
    await running.committed(VERSIONS.second);

    const stopped = new Promise<void>((resolve) => {
      const off = running.cloud.lambda.logs.onLine(({ line }) => {
        if (!line.includes("STATE_MISMATCH")) return;
        off();
        resolve();
      });
    });
    await running.cloud.update(templateOf("reshaped"));
    await running.send((count) => count < 500);
    await stopped;

    expect((await running.cloud.update(templateOf("second"))).updated).not.toEqual([]);
    await running.end(VERSIONS.second);
    const rows = await running.rows<PerPage>(VERSIONS.second, "per_page", folder);
    expect(rows.map(withoutPane)).toEqual(rowsWhere([0, 0]));
    expect(new Set(rows.flatMap(({ marks }) => [...versionsIn(marks)]))).toEqual(new Set(["second"]));
  },
  LONG,
);

const withoutPane = ({ key, window, marks }: PerPage): PerPage => ({ key, window, marks });
const versionsIn = (marks: readonly string[]): ReadonlySet<string | undefined> =>
  new Set(marks.map((mark) => mark.split(" ")[0]));

/** What the first version makes of each partition's visits before some number, and the second one of those from it on. */
function rowsWhere(switchedAt: readonly number[]): readonly PerPage[] {
  const rows = new Map<string, PerPage & { readonly marks: string[] }>();
  for (const visit of running.sent) {
    const version = visit.n < (switchedAt[partitionOf(visit.page)] ?? 0) ? "first" : "second";
    if (PASSES[version]?.(visit) !== true) continue;
    const start = Math.floor(visit.time / WINDOW) * WINDOW;
    const id = `${visit.page} ${start}`;
    const row = rows.get(id) ?? { key: visit.page, window: { start, end: start + WINDOW }, marks: [] };
    row.marks.push(`${version} ${visit.n}`);
    rows.set(id, row);
  }
  return [...rows.values()].sort((a, b) =>
    a.key === b.key ? a.window.start - b.window.start : a.key < b.key ? -1 : 1,
  );
}

/** All that both versions may have made, by when each partition went over: after its last first mark, up to its first second one. */
function possibleRows(rows: readonly PerPage[]): readonly (readonly PerPage[])[] {
  const marked = (name: string, partition: number) =>
    rows
      .filter(({ key }) => partitionOf(key) === partition)
      .flatMap(({ marks }) => marks.filter((mark) => mark.startsWith(name)))
      .map((mark) => Number(mark.split(" ")[1]));
  const [one = [], two = []] = [0, 1].map((partition) => {
    const [from, to] = [
      Math.max(-1, ...marked("first", partition)) + 1,
      Math.min(...marked("second", partition)),
    ];
    return Array.from({ length: to - from + 1 }, (_, index) => from + index);
  });
  return one.flatMap((at) => two.map((other) => rowsWhere([at, other])));
}
