// biome-ignore-all lint/suspicious/noTemplateCurlyInString: code is text here
import type { Mutant } from "./mutant.ts";

const PARTITION = "shared/protocol/partition.ts";
const INBOX = "shared/protocol/inbox.ts";
const OUTBOX = "shared/protocol/outbox.ts";
const STAGE_LOOP = "shared/protocol/stage-loop.ts";
const POSITION = "§4: drop what is up to the position of its shard or channel, take the rest";
const DENSE = "§4: the counters of a channel are dense, and a gap stops the batch";
const REPORTED = "§4: what was not settled is reported, and delivered again";

/** What was taken, what was sent, and what comes again. */
export const POSITIONS_MUTANTS: readonly Mutant[] = [
  {
    name: "records that were taken before are taken again",
    scenario: "board",
    rule: POSITION,
    edits: [
      {
        file: INBOX,
        from: 'BigInt(sequence) > BigInt(at) ? "take" : "drop"',
        to: 'BigInt(sequence) > BigInt(at) ? "take" : "take"',
      },
    ],
  },
  {
    name: "frames that were taken before are taken again",
    rule: POSITION,
    edits: [{ file: INBOX, from: 'counter < next ? "drop" : "gap"', to: 'counter < next ? "take" : "gap"' }],
  },
  {
    name: "one position stands for all shards of a stream",
    scenario: "board",
    seed: 2,
    rule: POSITION,
    edits: [
      {
        file: "shared/protocol/record.ts",
        from: "[record.shard, record.sequence]",
        to: '["stream", record.sequence]',
      },
    ],
  },
  {
    name: "one position stands for all partitions of an upstream stage",
    rule: POSITION,
    edits: [
      {
        file: "shared/protocol/decode-record.ts",
        from: "channel: `${sender}/${from}`",
        to: "channel: sender",
      },
    ],
  },
  {
    name: "a frame is taken though one before it is missing",
    seed: 2,
    rule: DENSE,
    edits: [{ file: INBOX, from: 'counter < next ? "drop" : "gap"', to: 'counter < next ? "drop" : "take"' }],
  },
  {
    name: "a channel's counter leaves numbers out",
    rule: DENSE,
    edits: [
      {
        file: OUTBOX,
        from: "channel: [stage, to, counter + encoded.length,",
        to: "channel: [stage, to, counter + encoded.length + (batch.length > 1 ? 1 : 0),",
      },
    ],
  },
  {
    name: "a channel's counter is given out twice",
    rule: DENSE,
    edits: [
      {
        file: OUTBOX,
        from: "channel: [stage, to, counter + encoded.length,",
        to: "channel: [stage, to, counter + (batch.length > 1 ? 0 : encoded.length),",
      },
    ],
  },
  {
    name: "a stage's partitions share one counter",
    rule: DENSE,
    edits: [
      {
        file: OUTBOX,
        from: "const channel = channels.get(name) ?? [feed.stage, to, 0, BEGINNING_OF_TIME, BEGINNING_OF_TIME];",
        to: `const own = channels.get(name) ?? [feed.stage, to, 0, BEGINNING_OF_TIME, BEGINNING_OF_TIME];
        const channel = own.with(2, Math.max(0, ...[...channels.values()].map((c) => c[2]))) as unknown as Channel;`,
      },
    ],
  },
  {
    name: "a batch with two partitions that stopped reports the later record",
    scenario: "meters",
    faults: ["lost-response", "merge"],
    seed: 2,
    rule: REPORTED,
    edits: [
      {
        file: STAGE_LOOP,
        from: "records.find((record) => stopped.includes(record))",
        to: "records.findLast((record) => stopped.includes(record))",
      },
    ],
  },
  {
    name: "a batch that failed is reported as settled",
    seed: 1,
    rule: REPORTED,
    edits: [
      {
        file: STAGE_LOOP,
        from: "return first === undefined ? { cause } : { stoppedAt: first, cause };",
        to: "return { cause };",
      },
    ],
  },
  {
    name: "a gap is passed over in silence",
    seed: 14,
    rule: REPORTED,
    edits: [
      {
        file: PARTITION,
        from: 'if (verdict === "gap") return { taken, settled: { stoppedAt: piece } };',
        to: 'if (verdict === "gap") continue;',
      },
    ],
  },
];
