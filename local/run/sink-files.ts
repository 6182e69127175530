import { closeSync, mkdirSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { ViewRow } from "../../shared/operators/outputs.ts";
import type { SinkSpec } from "../../shared/operators/spec.ts";
import { compareKeys } from "../../shared/state/key-order.ts";

/** Longer texts live in memory of their own, which costs new pages each. */
const BUFFER_CHARS = 1 << 16;

/** A sink of a bounded run: a file of JSON lines. */
type SinkFile = { readonly name: string; readonly rows: () => number; close(): void };

/** Rows of a lake table, in the order in which they come. */
export class LakeFile implements SinkFile {
  readonly name: string;
  readonly #fd: number | undefined;
  #text = "";
  #rows = 0;
  /** Of the batch, which may yet be taken back. */
  #pending = "";
  #pendingRows = 0;

  /** @param path - undefined where rows are counted and dropped */
  constructor(name: string, path: string | undefined) {
    this.name = name;
    this.#fd = path === undefined ? undefined : openSync(path, "w");
  }

  readonly rows = (): number => this.#rows;

  append(rows: readonly unknown[]): void {
    for (const row of rows) this.take(row);
    this.keep();
  }

  /** Takes a row of a batch. Written at once, it need not outlive its event. */
  take(row: unknown): void {
    if (this.#fd !== undefined) this.#pending += `${JSON.stringify(row)}\n`;
    this.#pendingRows += 1;
  }

  /** The batch is taken back. */
  drop(): void {
    this.#pending = "";
    this.#pendingRows = 0;
  }

  /** The batch is kept. */
  keep(): void {
    if (this.#pendingRows === 0) return;
    this.#text += this.#pending;
    this.#rows += this.#pendingRows;
    this.drop();
    if (this.#fd !== undefined && this.#text.length >= BUFFER_CHARS) this.#flush(this.#fd);
  }

  #flush(fd: number): void {
    const bytes = Buffer.from(this.#text);
    for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
    this.#text = "";
  }

  close(): void {
    if (this.#fd === undefined) return;
    this.#flush(this.#fd);
    closeSync(this.#fd);
  }
}

/** A view: the last row per key and sort, written in their order when the run ends. */
export class ViewFile implements SinkFile {
  readonly name: string;
  readonly #path: string | undefined;
  readonly #latest = new Map<string, ViewRow>();

  /** @param path - undefined where rows are counted and dropped */
  constructor(name: string, path: string | undefined) {
    this.name = name;
    this.#path = path;
  }

  readonly rows = (): number => this.#latest.size;

  merge(rows: ReadonlyMap<string, ViewRow>): void {
    for (const [place, row] of rows)
      if (row[2] === undefined) this.#latest.delete(place);
      else this.#latest.set(place, row);
  }

  close(): void {
    const file = new LakeFile(this.name, this.#path);
    const sorted = [...this.#latest.values()].sort(
      (a, b) => compareKeys(a[0], b[0]) || compareKeys(a[1], b[1]),
    );
    file.append(sorted.map(([, , row]) => row));
    file.close();
  }
}

/**
 * A file per sink in `folder`: `<name>.jsonl`, or `<name>.lake.jsonl` for a table named like a view. Without a folder
 * none is written.
 */
export function sinkFiles(
  folder: string | undefined,
  sinks: readonly SinkSpec[],
): { readonly lake: ReadonlyMap<string, LakeFile>; readonly views: ReadonlyMap<string, ViewFile> } {
  if (folder !== undefined) mkdirSync(folder, { recursive: true });
  const pathOf = (name: string): string | undefined =>
    folder === undefined ? undefined : join(folder, `${name}.jsonl`);
  const views = new Map<string, ViewFile>();
  const lake = new Map<string, LakeFile>();
  for (const { kind, name } of sinks) if (kind === "view") views.set(name, new ViewFile(name, pathOf(name)));
  for (const { kind, name } of sinks) {
    if (kind !== "lake") continue;
    const file = views.has(name) ? `${name}.lake` : name;
    lake.set(name, new LakeFile(file, pathOf(file)));
  }
  return { lake, views };
}
