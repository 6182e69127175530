// biome-ignore-all lint/suspicious/noTemplateCurlyInString: code is text here
import type { Mutant } from "./mutant.ts";

const CREATE = "shared/protocol/savepoint/create.ts";
const IN_FLIGHT = "shared/protocol/savepoint/in-flight.ts";
const RESTORE = "shared/protocol/savepoint/restore.ts";
const DECODE = "shared/protocol/decode-record.ts";
const OUTBOX = "shared/protocol/outbox.ts";
const CUT = "§5: a savepoint is one cut, and holds what was sent and not taken";
const EPOCH = "§5: an epoch goes on from the cut, and takes nothing of another";

/** Savepoints, and the epochs that they are restored into. */
export const SAVEPOINT_MUTANTS: readonly Mutant[] = [
  {
    name: "a savepoint reads senders before receivers",
    scenario: "restored-meters",
    rule: CUT,
    seed: 1,
    edits: [{ file: CREATE, from: "cutsOf(env, stages.toReversed())", to: "cutsOf(env, stages)" }],
  },
  {
    name: "a savepoint reads all stages at once, and believes what it finds",
    scenario: "restored-meters",
    rule: CUT,
    seed: 3,
    edits: [
      { file: CREATE, from: "cutsOf(env, stages.toReversed())", to: "cutsOf(env, stages)" },
      { file: IN_FLIGHT, from: "if (taken > last)", to: "if (false)" },
    ],
  },
  {
    name: "a savepoint forgets what is on its way",
    scenario: "restored-meters",
    rule: CUT,
    edits: [{ file: IN_FLIGHT, from: "if (taken < last) spans", to: "if (false) spans" }],
  },
  {
    name: "frames of another epoch are taken",
    scenario: "restored-meters",
    rule: EPOCH,
    edits: [{ file: DECODE, from: "(frame.epoch ?? 0) !== epoch", to: "false" }],
  },
  {
    name: "frames do not say their epoch",
    scenario: "restored-meters",
    rule: EPOCH,
    edits: [
      { file: DECODE, from: "(frame.epoch ?? 0) !== epoch", to: "false" },
      { file: OUTBOX, from: "...(this.#epoch === 0 ? {} : { epoch: this.#epoch }),", to: "" },
    ],
  },
  {
    name: "a restored log does not give again what was on its way",
    scenario: "restored-meters",
    rule: EPOCH,
    edits: [
      {
        file: RESTORE,
        from: "frames: (before?.frames ?? []).filter(([target]) => planned.stages.has(target)),",
        to: "frames: [],",
      },
    ],
  },
  {
    name: "a restored log begins at the snapshot, without the entries behind it",
    scenario: "restored-shop",
    rule: EPOCH,
    edits: [
      {
        file: RESTORE,
        from: "const ours = [...items, opening];",
        to: "const ours = [...items.map((item) => ({ ...item, body: opening.body })), opening];",
      },
    ],
  },
  {
    name: "rows of views that count no more stay",
    scenario: "restored-board",
    rule: EPOCH,
    seed: 5,
    edits: [{ file: RESTORE, from: "    views,\n  };", to: "    views: [],\n  };" }],
  },
];
