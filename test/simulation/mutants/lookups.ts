import type { Mutant } from "./mutant.ts";

const FOLD = "shared/operators/fold.ts";
const SESSIONS = "shared/protocol/lookup/sessions.ts";
const PARTITION = "shared/protocol/partition.ts";
const ROUND = "§5, lookups: a batch that lacks rows is taken back and folded again with them";
const KEPT = "§5, lookups: the entry keeps what events met";

/** What is looked up, and what is kept of it. */
export const LOOKUP_MUTANTS: readonly Mutant[] = [
  {
    name: "keys that BatchGetItem hands back are taken for missing",
    scenario: "desk",
    rule: "§5, lookups: rows that the batch needs are fetched, all of them",
    seed: 25,
    edits: [
      {
        file: "functions/aws/lookups/lookups.ts",
        from: "if (got.unprocessed.length === 0) return items;",
        to: "return items;",
      },
    ],
  },
  {
    name: "a batch goes on without the rows that it lacks",
    scenario: "desk",
    rule: ROUND,
    edits: [
      {
        file: FOLD,
        from: "return this.lacks.length > 0 || this.missing.length > 0;",
        to: "return this.missing.length > 0;",
      },
    ],
  },
  {
    name: "an entry keeps rows of an attempt that was taken back",
    scenario: "desk",
    rule: KEPT,
    edits: [
      {
        file: FOLD,
        from: "this.#lookups.clear();\n    this.#takeUp(",
        to: "this.#lookups.clear(false);\n    this.#takeUp(",
      },
      {
        file: "shared/operators/lookup/batch-lookups.ts",
        from: "clear(): void {\n    this.#notes.clear();",
        to: "clear(all = true): void {\n    if (all) this.#notes.clear();",
      },
    ],
  },
  {
    name: "an entry keeps nothing of what was looked up",
    scenario: "desk",
    rule: KEPT,
    edits: [{ file: PARTITION, from: "      lookedUp,\n    };", to: "    };" }],
  },
  {
    name: "a key has two answers in one commit",
    scenario: "desk",
    rule: "§5, lookups: within a commit a key has one answer",
    edits: [
      {
        file: SESSIONS,
        from: "    if (held !== undefined) return held.since <= at ? held : undefined;",
        to: "    if (held !== undefined && this.#heldOf(table).delete(key)) return held;",
      },
    ],
  },
];
