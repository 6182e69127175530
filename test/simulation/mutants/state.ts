import type { Mutant } from "./mutant.ts";

const PARTITION = "shared/protocol/partition.ts";
const REPLICA = "shared/protocol/replica.ts";
const TAKE_SNAPSHOT = "shared/protocol/take-snapshot.ts";
const WRITE_PAGES = "shared/protocol/write-pages.ts";
const PAGED_STATE = "shared/operators/paged-state.ts";
const CLOCKS = "shared/operators/clocks.ts";
const DEDUPE = "shared/operators/dedupe.ts";
const LOGGED = "§1.2, §6: nothing is kept that the log does not say";
const RECOVERY = "§5: a snapshot and the entries after it are the partition";
const PAGES = "§5: what a batch lacks of the state is read, and the batch folded again";

/** The log is the state; snapshots and pages are a shorter way to it. */
export const STATE_MUTANTS: readonly Mutant[] = [
  {
    name: "a batch that is not worth an entry leaves its time behind",
    seed: 1,
    rule: LOGGED,
    edits: [
      {
        file: PARTITION,
        from: "if (draft === undefined) replica.fold.rollback();",
        to: "if (draft === undefined) replica.fold.keep();",
      },
    ],
  },
  {
    name: "an entry that would only move a position is left out",
    rule: LOGGED,
    edits: [
      {
        file: REPLICA,
        from: 'positions.every(([source, at]) => typeof at === "string" || this.inbox.channel(source, at) === "drop")',
        to: "positions.length >= 0",
      },
    ],
  },
  {
    name: "the ids that were seen are not in the log",
    seed: 1,
    rule: LOGGED,
    edits: [{ file: DEDUPE, from: "return [...added, ...forgotten];", to: "return forgotten;" }],
  },
  {
    name: "the ids that were seen are not in the snapshot",
    seed: 1,
    rule: RECOVERY,
    edits: [
      {
        file: DEDUPE,
        from: 'return forgetAt === undefined ? [] : [[this.#host.id, "put", id, forgetAt]];',
        to: "return [];",
      },
    ],
  },
  {
    name: "a snapshot does not restore what was sent",
    seed: 1,
    rule: RECOVERY,
    edits: [{ file: REPLICA, from: "this.channels = channels;", to: "" }],
  },
  {
    name: "a snapshot does not restore what was taken",
    scenario: "board",
    seed: 4,
    rule: RECOVERY,
    edits: [{ file: REPLICA, from: "this.inbox = new Inbox(positions);", to: "" }],
  },
  {
    name: "a snapshot does not restore the time",
    scenario: "board",
    seed: 1,
    rule: RECOVERY,
    edits: [
      { file: REPLICA, from: "head.time, head.counts, pages", to: "this.fold.time(), head.counts, pages" },
    ],
  },
  {
    name: "state that is not in memory counts as empty",
    seed: 1,
    rule: PAGES,
    edits: [{ file: PAGED_STATE, from: "if (!page.resident) this.#missing.add(page);", to: "" }],
  },
  {
    name: "windows that are not in memory miss their end",
    rule: PAGES,
    edits: [{ file: CLOCKS, from: "this.#state.needDue(to);", to: "" }],
  },
  {
    name: "early panes that are not in memory miss their time",
    scenario: "meters",
    seed: 8,
    rule: PAGES,
    edits: [{ file: CLOCKS, from: "this.#state.needStreamDue(time);", to: "" }],
  },
  {
    name: "early panes by processing time that are not in memory miss their time",
    scenario: "live",
    seed: 1,
    rule: PAGES,
    edits: [{ file: CLOCKS, from: "this.#state.needProcessingDue(now);", to: "" }],
  },
  {
    name: "changes of the log are lost for state that is not in memory",
    rule: PAGES,
    edits: [{ file: PAGED_STATE, from: "page.pending.push(change);", to: "" }],
  },
  {
    name: "a snapshot leaves out what others changed",
    faults: ["stale-cache"],
    seed: 1,
    rule: PAGES,
    edits: [{ file: WRITE_PAGES, from: "page.pending.length > 0 ? behind(page) : page", to: "page" }],
  },
  {
    name: "a snapshot leaves out what changed",
    rule: PAGES,
    edits: [
      {
        file: PAGED_STATE,
        from: `if (place !== undefined) part?.pages.dirty.add(place);
    }
    this.#rewind();`,
        to: `if (place === undefined) part?.pages.settle();
    }
    this.#rewind();`,
      },
    ],
  },
  {
    name: "a snapshot is pointed to before it is there",
    scenario: "board",
    seed: 2,
    rule: RECOVERY,
    edits: [
      {
        file: TAKE_SNAPSHOT,
        from: `await env.blobs.put(key, bytes);
  await env.log.recordSnapshot(id, { v, key, unused });`,
        to: `await env.log.recordSnapshot(id, { v, key, unused });
  await env.blobs.put(key, bytes);`,
      },
    ],
  },
];
