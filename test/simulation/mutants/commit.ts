import type { Mutant } from "./mutant.ts";

const PARTITION = "shared/protocol/partition.ts";
const FOLD = "shared/operators/fold.ts";
const LOG = "local/simulator/ports/commit-log.ts";
const FENCE = "§5: whose conditional put of entry v+1 is refused has lost, and starts over";
const TAKEN_BACK = "§5: a batch that is not committed leaves nothing behind";

/** Who wins, and what a batch that did not leaves behind. */
export const COMMIT_MUTANTS: readonly Mutant[] = [
  {
    name: "no fence: a lost race counts as won",
    scenario: "board",
    seed: 5,
    rule: FENCE,
    edits: [{ file: PARTITION, from: "if (!won) {", to: "if (!won && item.v === 0) {" }],
  },
  {
    name: "no condition: an entry replaces the one that stands there",
    scenario: "board",
    seed: 2,
    rule: FENCE,
    edits: [{ file: LOG, from: 'ConditionExpression: "attribute_not_exists(pk)",', to: "" }],
  },
  {
    name: "no look at the nonce: another's entry is taken for a put whose answer was lost",
    scenario: "board",
    seed: 5,
    rule: "§5: same nonce, it was ours; other nonce, the race is lost",
    edits: [
      {
        file: LOG,
        from: "return nonce === item.nonce ? { won: true } : { won: false, nonce };",
        to: "return nonce === undefined ? { won: false, nonce } : { won: true };",
      },
    ],
  },
  {
    name: "a warm environment trusts its cache",
    scenario: "board",
    seed: 2,
    rule: "§5: a warm replica is checked by one consistent read before each use",
    edits: [
      {
        file: PARTITION,
        from: "await replica.refresh();",
        to: "if (replica.v === 0) await replica.refresh();",
      },
    ],
  },
  {
    name: "a batch that lost its race leaves its state behind",
    scenario: "board",
    seed: 5,
    rule: TAKEN_BACK,
    edits: [
      {
        file: PARTITION,
        from: `replica.fold.rollback();
        return "lost";`,
        to: 'return "lost";',
      },
    ],
  },
  {
    name: "a batch whose put failed leaves its state behind",
    seed: 8,
    rule: TAKEN_BACK,
    edits: [
      {
        file: PARTITION,
        from: `replica.fold.rollback();
      throw thrown;`,
        to: "throw thrown;",
      },
    ],
  },
  {
    name: "what a batch gave that was taken back is given with the next",
    seed: 70,
    rule: TAKEN_BACK,
    edits: [
      {
        file: FOLD,
        from: `this.#changes = [];
    this.#outputs = noOutputs();`,
        to: "this.#changes = [];",
      },
    ],
  },
  {
    name: "a batch is folded again with care over what the first fold left",
    rule: TAKEN_BACK,
    scenario: "meters",
    edits: [
      {
        file: PARTITION,
        from: "if (again) return this.#fold(pieces, true);",
        to: "if (again) { fold.keep(); return this.#fold(pieces, true); }",
      },
      {
        file: PARTITION,
        from: "fold.rollback(careful || again);",
        to: "if (!again) fold.rollback(careful);",
      },
    ],
  },
];
