import { hash } from "node:crypto";
import { type Dirent, type FSWatcher, readdirSync, readFileSync, statSync, watch } from "node:fs";
import { basename, dirname, join, sep } from "node:path";
import type { Clock } from "../../shared/time/clock.ts";
import type { EpochMs } from "../../shared/time/time.ts";

export type SourceWatchOptions = {
  /** Watched with all folders in it, but for installed packages, hidden folders and what `ignored` names. */
  readonly folder: string;
  /** Absolute paths of files and folders that are written and not read, as the data of a run. */
  readonly ignored: readonly string[];
  /** Called once changes have settled, with the time of the first. */
  readonly onChange: (savedAt: EpochMs) => void;
  /** Called where the machine cannot watch a folder, as when it watches too many. */
  readonly onFailure: (error: unknown) => void;
  readonly clock: Clock;
};

/** Editors write a file in several steps, and `git switch` writes many. */
const SETTLED_AFTER_MS = 40;

const MOST_HASHED_BYTES = 1_048_576;

const NOT_SOURCES = new Set(["node_modules", "cdk.out", "coverage"]);
/** What a program is made of. Any other file counts where the last synthesis has read it: see `add`. */
const SOURCE = /\.(ts|mts|cts|tsx|js|mjs|cjs|jsx|json|sql|proto|graphql|wasm)$/;

/** Tells when sources change. A file that was written with the same content has not changed. */
export class SourceWatch {
  readonly #options: SourceWatchOptions;
  readonly #watchers = new Map<string, FSWatcher>();
  /** Files that are followed, too, wherever they are. */
  readonly #added = new Set<string>();
  readonly #hashes = new Map<string, string>();
  readonly #changed = new Set<string>();
  #savedAt: EpochMs | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: SourceWatchOptions) {
    this.#options = options;
    // what a file holds now: the first write of the same is no change
    this.#watchTree(options.folder, (file) => this.#hasChanged(file));
  }

  /** Follows files wherever they are. */
  add(files: readonly string[]): void {
    for (const file of files) {
      this.#added.add(file);
      this.#watch(dirname(file));
    }
  }

  close(): void {
    clearTimeout(this.#timer);
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }

  /** @param found - called with each source in it */
  #watchTree(folder: string, found: (file: string) => void): void {
    this.#watch(folder);
    for (const entry of entriesOf(folder)) {
      const path = join(folder, entry.name);
      if (entry.isDirectory() && !this.#isIgnored(path)) this.#watchTree(path, found);
      else if (entry.isFile() && this.#isSource(path)) found(path);
    }
  }

  /** Ends the watch over a folder that is gone: one of the same name is another one. */
  #unwatchTree(folder: string): void {
    for (const [path, watcher] of this.#watchers) {
      if (path !== folder && !path.startsWith(folder + sep)) continue;
      watcher.close();
      this.#watchers.delete(path);
    }
  }

  #watch(folder: string): void {
    if (this.#watchers.has(folder)) return;
    try {
      const watcher = watch(folder, (_, name) => this.#seen(folder, name));
      watcher.on("error", (error) => this.#options.onFailure(error));
      this.#watchers.set(folder, watcher);
    } catch (error) {
      this.#options.onFailure(error);
    }
  }

  #seen(folder: string, name: string | null): void {
    if (name === null) return;
    const path = join(folder, name);
    if (isFolder(path)) {
      // files may have come before the folder was watched
      if (this.#isInside(path) && !this.#isIgnored(path))
        this.#watchTree(path, (file) => this.#touched(file));
    } else {
      this.#unwatchTree(path);
      if (this.#isSource(path)) this.#touched(path);
    }
  }

  #touched(file: string): void {
    this.#changed.add(file);
    this.#savedAt ??= this.#options.clock.now();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#settle(), SETTLED_AFTER_MS);
  }

  #settle(): void {
    const files = [...this.#changed].filter((file) => this.#hasChanged(file));
    const savedAt = this.#savedAt ?? this.#options.clock.now();
    this.#changed.clear();
    this.#savedAt = undefined;
    if (files.length > 0) this.#options.onChange(savedAt);
  }

  /** Whether a file holds something else than when it was last looked at. */
  #hasChanged(file: string): boolean {
    const now = contentHash(file);
    const before = this.#hashes.get(file) ?? "";
    this.#hashes.set(file, now);
    return now !== before;
  }

  #isSource(file: string): boolean {
    if (this.#added.has(file)) return true;
    return this.#isInside(file) && SOURCE.test(file) && !this.#isIgnored(file);
  }

  #isInside(path: string): boolean {
    return path.startsWith(this.#options.folder + sep);
  }

  #isIgnored(path: string): boolean {
    const name = basename(path);
    return name.startsWith(".") || NOT_SOURCES.has(name) || this.#options.ignored.includes(path);
  }
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    // it went away between being seen and being read
    return [];
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

/** Empty for a file that is not there; of a large one, which is no source, only its size and time. */
function contentHash(file: string): string {
  const stats = statSync(file, { throwIfNoEntry: false });
  if (stats === undefined) return "";
  if (stats.size > MOST_HASHED_BYTES) return `${stats.size} ${stats.mtimeMs}`;
  try {
    return hash("sha256", readFileSync(file), "hex");
  } catch {
    // it went away between being seen and being read
    return "";
  }
}
