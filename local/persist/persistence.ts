import { renameSync, statSync } from "node:fs";
import { open } from "node:fs/promises";
import { messageOf } from "../../shared/errors/millrace-error.ts";
import type { Clock } from "../../shared/time/clock.ts";
import type { EpochMs } from "../../shared/time/time.ts";
import type { ServiceFaults, ServiceName } from "../models/faults.ts";
import { ServiceError } from "../models/service-error.ts";
import { DataFolder } from "./data-folder.ts";
import { damaged, type Format, FrameFile, frameOf, readFrames } from "./frame-file.ts";
import { HeldClock } from "./held-clock.ts";
import { Marks } from "./marks.ts";
import { type LoggedOperation, OperationLog } from "./operation-log.ts";

const JOURNAL: Format = { format: "millrace journal", version: 1 };
const SNAPSHOT: Format = { format: "millrace snapshot", version: 1 };

/** A journal shorter than this is read in no time. */
const COMPACT_FROM_BYTES = 32 * 1_048_576;
/** A snapshot is written once the journal is this part of the last one: each byte is written a few times at most. */
const COMPACT_FROM_SHARE = 0.5;

/** A model that can be kept. Its methods are named like its operations: `PutRecords` is done by `putRecords`. */
export type PersistentModel = {
  /** All that it holds, in parts: what they give when they are called, later on, is what was there. */
  save(): Iterable<() => unknown>;
  /** Takes a part of what it, or one like it, has saved; it was empty before the first. */
  restore(part: never): void;
};

export type PersistentModels = { readonly [Service in ServiceName]?: PersistentModel };

export type PersistenceOptions = {
  readonly folder: string;
  readonly clock: Clock;
  /** Called once where data cannot be kept any longer; every change is refused from then on. */
  readonly onFailure: (error: unknown) => void;
  /** @default 32 MB */
  readonly compactFromBytes?: number;
};

/**
 * Keeps models over the end of their process, however it ends: every change is in a file before its caller is told.
 * Nothing waits for the disk itself (no fsync, but for snapshots), so that only the end of the whole machine may cost
 * what was changed in the last seconds.
 */
export class Persistence {
  /** For all models: an operation has one time. */
  readonly clock: HeldClock;
  /** What else is to be kept, by name. */
  readonly marks: Marks;
  readonly #options: PersistenceOptions;
  readonly #folder: DataFolder;
  readonly #log: OperationLog;
  #models: PersistentModels | undefined;
  #journal: FrameFile | undefined;
  #number = 0;
  #snapshotBytes = 0;
  #replayed: LoggedOperation | undefined;
  #failure: unknown;
  #compacting: Promise<void> | undefined;

  /** @throws MillraceError PERSIST_FOLDER */
  constructor(options: PersistenceOptions) {
    this.#options = options;
    this.clock = new HeldClock(options.clock);
    this.#folder = new DataFolder(options.folder);
    this.#log = new OperationLog(this.clock, (operation) => this.#append(operation));
    this.marks = new Marks((mark) => this.#append({ at: this.clock.now(), ...mark, failed: [] }));
  }

  /** Whether data cannot be kept any longer. */
  get hasFailed(): boolean {
    return this.#failure !== undefined;
  }

  /** The faults to make the models with: theirs, and in between it notes what they do. */
  faults(inner?: ServiceFaults): ServiceFaults {
    return {
      before: (service, operation, input) => {
        if (this.#replayed !== undefined) return { kind: "partial", failed: this.#replayed.failed };
        this.#refuseAfterFailure();
        return inner?.before(service, operation, input);
      },
      around: (call, run) => (this.#replayed === undefined ? this.#log.around(call, run) : run()),
    };
  }

  /**
   * Brings empty models into the state in which the last process has left them, and keeps them from then on.
   * @throws MillraceError PERSIST_DAMAGED
   */
  restore(models: PersistentModels): void {
    this.#models = models;
    const snapshot = this.#folder.newestSnapshot();
    if (snapshot > 0) {
      const file = this.#folder.snapshot(snapshot);
      readFrames(file, SNAPSHOT, (part) => this.#restorePart(part as SnapshotPart));
      this.#snapshotBytes = statSync(file).size;
    }
    const bytes = this.#replayJournals(snapshot);
    this.#journal = new FrameFile(this.#folder.journal(this.#number), JOURNAL, bytes);
    this.#compactWhereDue();
  }

  /** Writes a snapshot, so that the next start has no journal to run through. */
  async compact(): Promise<void> {
    this.#beginToCompact();
    await this.#compacting;
  }

  /** Resolves when everything is written and another process may have the folder. */
  async close(): Promise<void> {
    await this.#compacting;
    this.#journal?.close();
    this.#journal = undefined;
    this.#folder.unlock();
  }

  /** At the time of the snapshot: to a model it is as if nothing had happened since. */
  #restorePart({ at, service, part }: SnapshotPart): void {
    if (service === "marks") this.marks.restore(part);
    else this.clock.at(at, () => this.#models?.[service]?.restore(part as never));
  }

  /** @returns where the last whole operation of the last journal ends; 0 where there is none */
  #replayJournals(snapshot: number): number {
    let bytes = 0;
    this.#number = snapshot;
    const journals = this.#folder.journalsSince(snapshot);
    for (const [index, n] of journals.entries()) {
      const path = this.#folder.journal(n);
      bytes = readFrames(path, JOURNAL, (operation) => this.#replay(operation as LoggedOperation, path));
      this.#number = n;
      if (n !== snapshot + index) throw damaged(path, "the one before it is missing");
      if (index < journals.length - 1 && bytes < statSync(path).size)
        throw damaged(path, "its end is missing");
    }
    return bytes;
  }

  #replay(logged: LoggedOperation, path: string): void {
    const { at, service, operation, input } = logged;
    if (service === "marks") {
      this.marks.replay(operation, input);
      return;
    }
    const model = this.#models?.[service as ServiceName] as unknown as Replayable | undefined;
    const method = `${operation.charAt(0).toLowerCase()}${operation.slice(1)}`;
    this.#replayed = logged;
    try {
      if (typeof model?.[method] !== "function") throw new TypeError("there is no such operation");
      this.clock.at(at, () => model[method]?.(input));
    } catch (cause) {
      throw damaged(path, `${operation} of ${service} cannot be done again: ${messageOf(cause)}`, cause);
    } finally {
      this.#replayed = undefined;
    }
  }

  #append(operation: LoggedOperation): void {
    this.#refuseAfterFailure();
    try {
      if (this.#journal === undefined) throw new Error("the folder is closed");
      this.#journal.append(operation);
    } catch (error) {
      // what was done is in memory and not in the file: whatever came after it would be done to another state
      this.#failure = error;
      this.#options.onFailure(error);
      this.#refuseAfterFailure();
    }
    this.#compactWhereDue();
  }

  #refuseAfterFailure(): void {
    if (this.#failure !== undefined)
      throw new ServiceError("InternalFailure", `data cannot be kept: ${messageOf(this.#failure)}`, 500);
  }

  #compactWhereDue(): void {
    const { compactFromBytes = COMPACT_FROM_BYTES } = this.#options;
    const due = Math.max(compactFromBytes, this.#snapshotBytes * COMPACT_FROM_SHARE);
    if ((this.#journal?.bytes ?? 0) >= due) this.#beginToCompact();
  }

  #beginToCompact(): void {
    // not within the operation that made it due: it may be half-way through a model
    this.#compacting ??= Promise.resolve()
      .then(() => this.#compact())
      .catch((error: unknown) => {
        this.#failure = error;
        this.#options.onFailure(error);
      })
      .finally(() => {
        this.#compacting = undefined;
      });
  }

  /** Takes a picture of all models at once, and writes it while they go on. */
  async #compact(): Promise<void> {
    const next = this.#number + 1;
    const following = new FrameFile(this.#folder.journal(next), JOURNAL, 0);
    this.#journal?.close();
    this.#journal = following;
    this.#number = next;
    const at = this.clock.now();
    const parts = this.clock.at(at, () => this.#picture());
    const path = this.#folder.snapshot(next);
    const draft = this.#folder.draftOf(path);
    const file = await open(draft, "w");
    let bytes = 0;
    try {
      const write = async (value: unknown): Promise<void> => {
        const [header, body] = frameOf(value);
        await file.writev([header, body]);
        bytes += header.byteLength + body.byteLength;
      };
      await write(SNAPSHOT);
      for (const { service, save } of parts)
        await write({ at, service, part: save() } satisfies SnapshotPart);
      await file.sync();
    } finally {
      await file.close();
    }
    renameSync(draft, path);
    this.#snapshotBytes = bytes;
    this.#folder.forgetBefore(next);
  }

  #picture(): readonly { readonly service: ServiceName | "marks"; readonly save: () => unknown }[] {
    const models = Object.entries(this.#models ?? {}) as [ServiceName, PersistentModel][];
    const marks = this.marks.save();
    return [
      ...models.flatMap(([service, model]) => [...model.save()].map((save) => ({ service, save }))),
      { service: "marks", save: () => marks },
    ];
  }
}

type SnapshotPart = {
  readonly at: EpochMs;
  readonly service: ServiceName | "marks";
  readonly part: unknown;
};
type Replayable = Readonly<Record<string, ((input: unknown) => unknown) | undefined>>;
