// biome-ignore-all lint/suspicious/noTemplateCurlyInString: code is text here
import type { Mutant } from "./mutant.ts";

const REPLICA = "shared/protocol/replica.ts";
const SNAPSHOTS = "shared/protocol/snapshot-policy.ts";
const CLEAN = "shared/protocol/clean-up.ts";
const LOG = "local/simulator/ports/commit-log.ts";
const TRUNCATION = "§5: old entries go after a snapshot, and never before 24 h";
const CLEAN_UP = "§5: clean-up goes by what the log says, and leaves nothing for ever";

/** Bodies, snapshots and old entries: when they are there, and when they may go. */
export const STORAGE_MUTANTS: readonly Mutant[] = [
  {
    name: "an entry points to a body that is not there yet",
    scenario: "board",
    seed: 1,
    rule: "§5: a large body is an object before its entry is put",
    edits: [
      {
        file: LOG,
        from: "await blobs.put(key, body);",
        to: "blobs.put(key, body).catch(() => {});",
      },
    ],
  },
  {
    name: "bodies of rival attempts have one name",
    scenario: "board",
    seed: 6,
    rule: "§5: a body has an immutable key of its own",
    edits: [{ file: LOG, from: "`${bodyFolder(id)}${v}-${nonce}`", to: "`${bodyFolder(id)}${v}`" }],
  },
  {
    name: "entries go before the snapshot that stands for them is there",
    scenario: "board",
    faults: ["night", "crash-before"],
    seed: 1,
    rule: TRUNCATION,
    edits: [
      {
        file: SNAPSHOTS,
        from: "if (!(await takeSnapshot(stage, id, env, replica, unused))) {",
        to: `await env.log.truncate(id, replica.v, minus(env.clock.now(), KEEP));
  if (!(await takeSnapshot(stage, id, env, replica, unused))) {`,
      },
    ],
  },
  {
    name: "entries go before 24 h have passed",
    scenario: "board",
    faults: ["zombie"],
    seed: 3,
    rule: TRUNCATION,
    edits: [{ file: SNAPSHOTS, from: "minus(env.clock.now(), KEEP)", to: "env.clock.now()" }],
  },
  {
    name: "a warm environment goes on over entries that were deleted",
    scenario: "board",
    faults: ["night", "stale-cache"],
    seed: 2,
    rule: TRUNCATION,
    edits: [{ file: REPLICA, from: "item.v !== v + 1 + i", to: "item.v < v + 1 + i" }],
  },
  {
    name: "bodies that lost their race stay",
    seed: 1,
    rule: CLEAN_UP,
    edits: [{ file: LOG, from: "versionOf(key) <= upTo && !named.has(key)", to: "false" }],
  },
  {
    name: "superseded snapshots stay",
    seed: 1,
    rule: CLEAN_UP,
    edits: [{ file: CLEAN, from: "await blobs.remove(old.map(([key]) => key));", to: "" }],
  },
  {
    name: "an object goes though the newest snapshot refers to it",
    scenario: "board",
    rule: CLEAN_UP,
    seed: 1,
    edits: [
      { file: CLEAN, from: "!used.has(key) && key !== newest.key && ", to: "" },
      { file: CLEAN, from: "const KEEP = days(1);", to: "const KEEP = days(0);" },
    ],
  },
];
