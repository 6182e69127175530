/** A fault that is planted into a copy of the code: `from` stands in `file` exactly once. */
export type Mutant = {
  readonly name: string;
  readonly file: string;
  readonly from: string;
  readonly to: string;
};

/** One for each rule that exactly-once stands on. */
export const MUTANTS: readonly Mutant[] = [
  {
    name: "no fence: a lost race counts as won",
    file: "shared/protocol/partition.ts",
    from: "if (!won) {",
    to: "if (!won && item.v === 0) {",
  },
  {
    name: "no condition: an entry replaces the one that stands there",
    file: "local/simulator/ports/commit-log.ts",
    from: 'ConditionExpression: "attribute_not_exists(pk)",',
    to: "",
  },
  {
    name: "outputs are published before their entry is put",
    file: "shared/protocol/partition.ts",
    from: "const { won } = await this.#env.log.append(this.#id, item);",
    to: `await publishEntry(this.#env, this.#id, item.v, entry, parcel.records);
      const { won } = await this.#env.log.append(this.#id, item);`,
  },
  {
    name: "the outputs of the last entry are not published again",
    file: "shared/protocol/partition.ts",
    from: "if (unpublished === undefined) return;",
    to: "if (unpublished !== null) return;",
  },
  {
    name: "records that were taken before are taken again",
    file: "shared/protocol/inbox.ts",
    from: 'BigInt(sequence) > BigInt(at) ? "take" : "drop"',
    to: 'BigInt(sequence) > BigInt(at) ? "take" : "take"',
  },
  {
    name: "frames that were taken before are taken again",
    file: "shared/protocol/inbox.ts",
    from: 'counter < next ? "drop" : "gap"',
    to: 'counter < next ? "take" : "gap"',
  },
  {
    name: "a frame is taken though one before it is missing",
    file: "shared/protocol/inbox.ts",
    from: 'counter < next ? "drop" : "gap"',
    to: 'counter < next ? "drop" : "take"',
  },
  {
    name: "one position stands for all shards of a stream",
    file: "shared/protocol/record.ts",
    from: "[record.shard, record.sequence]",
    to: '["stream", record.sequence]',
  },
  {
    name: "a batch that lost its race leaves its state behind",
    file: "shared/protocol/partition.ts",
    from: `replica.fold.rollback();
        return "lost";`,
    to: 'return "lost";',
  },
  {
    name: "a batch that is not worth an entry leaves its time behind",
    file: "shared/protocol/partition.ts",
    from: "if (draft === undefined) replica.fold.rollback();",
    to: "if (draft === undefined) replica.fold.keep();",
  },
  {
    name: "a warm environment trusts its cache",
    file: "shared/protocol/partition.ts",
    from: "await replica.refresh();",
    to: "if (replica.v === 0) await replica.refresh();",
  },
  {
    name: "an older version overwrites a view's row",
    file: "local/simulator/ports/views.ts",
    from: '"attribute_not_exists(pk) OR #ver < :ver"',
    to: '"attribute_not_exists(pk) OR #ver <> :ver"',
  },
  {
    name: "a snapshot does not restore what was sent",
    file: "shared/protocol/replica.ts",
    from: "this.channels = snapshot.channels;",
    to: "",
  },
];
