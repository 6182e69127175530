import type { Key } from "../../events/event.ts";
import type { EpochMs } from "../../time/time.ts";
import type { EventContext } from "../context.ts";
import { type FoundRow, type Lack, type LookupReader, rowAt } from "./answer.ts";
import { type LookedUp, LookupNotes } from "./looked-up.ts";
import { LACKING, NO_ROW } from "./lookup.ts";
import type { TableSpec } from "./spec.ts";

/** What a batch looks up: the rows that it met, and what it would have had to know. */
export class BatchLookups {
  readonly #reader: LookupReader;
  readonly #context: EventContext;
  readonly #notes = new LookupNotes();
  #lacks: Lack[] = [];

  constructor(reader: LookupReader | undefined, context: EventContext) {
    this.#reader = reader ?? KNOWS_NOTHING;
    this.#context = context;
  }

  get lacks(): readonly Lack[] {
    return this.#lacks;
  }

  find(table: TableSpec, key: Key, at: EpochMs): FoundRow | typeof NO_ROW | typeof LACKING {
    const answer = this.#reader.read(table, key, at, this.#context.record);
    if (answer === undefined) {
      this.#lacks.push({ table, key, at });
      return LACKING;
    }
    const found = rowAt(answer, at);
    this.#notes.note(table.name, key, found);
    return found ?? NO_ROW;
  }

  kept(): LookedUp {
    return this.#notes.kept();
  }

  /** The next batch begins. */
  clear(): void {
    this.#notes.clear();
    this.#lacks = [];
  }
}

/** Whoever folds is told what the batch lacks. */
const KNOWS_NOTHING: LookupReader = { read: () => undefined };
