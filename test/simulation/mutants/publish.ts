// biome-ignore-all lint/suspicious/noTemplateCurlyInString: code is text here
import type { Edit, Mutant } from "./mutant.ts";

const PARTITION = "shared/protocol/partition.ts";
const PUBLISH = "shared/protocol/publish.ts";
const VIEWS = "local/simulator/ports/views.ts";
const FOLLOW = "§1.4: effects follow the commit";
const AGAIN = "§1.4: v+1 may not commit before the outputs of v were acknowledged";
const NAMES = "§5, §7: what is published carries names that come from the entry";

const APPEND = "const { won } = await this.#env.log.append(this.#id, item);";

/** What is published before the entry is in the log. */
const publishedFirst = (part: string, records: string): Edit => ({
  file: PARTITION,
  from: APPEND,
  to: `const nothing = { ...entry, frames: [], views: [], lake: [], failed: [] };
      await publishEntry(this.#env, this.#id, item.v, { ...nothing, ${part} }, ${records});
      ${APPEND}`,
});

/** What goes out, when, and under which name. */
export const PUBLISH_MUTANTS: readonly Mutant[] = [
  {
    name: "outputs are published before their entry is put",
    seed: 2,
    rule: FOLLOW,
    edits: [publishedFirst("...entry", "parcel.records")],
  },
  {
    name: "frames are sent before their entry is put",
    seed: 5,
    rule: FOLLOW,
    edits: [publishedFirst("frames: entry.frames", "parcel.records")],
  },
  {
    name: "views are written before their entry is put",
    scenario: "board",
    seed: 2,
    rule: FOLLOW,
    edits: [publishedFirst("views: entry.views", "new Map()")],
  },
  {
    name: "lake files are written before their entry is put",
    seed: 6,
    rule: FOLLOW,
    edits: [publishedFirst("lake: entry.lake", "new Map()")],
  },
  {
    name: "failed events are told before their entry is put",
    seed: 2,
    rule: FOLLOW,
    edits: [publishedFirst("failed: entry.failed", "new Map()")],
  },
  {
    name: "the outputs of the last entry are not published again",
    scenario: "board",
    seed: 2,
    rule: AGAIN,
    edits: [
      {
        file: PARTITION,
        from: "if (unpublished === undefined) return;",
        to: "if (unpublished !== null) return;",
      },
    ],
  },
  {
    name: "a batch does not wait until its outputs are acknowledged",
    seed: 3,
    rule: AGAIN,
    edits: [
      {
        file: PARTITION,
        from: "await publishEntry(this.#env, this.#id, item.v, entry, parcel.records, this.#priorities);",
        to: "publishEntry(this.#env, this.#id, item.v, entry, parcel.records, this.#priorities).catch(() => {});",
      },
    ],
  },
  {
    name: "frames that are sent again are stamped with the clock",
    rule: NAMES,
    seed: 1,
    edits: [{ file: PARTITION, from: "unpublished.time.processingTime);", to: "this.#env.clock.now());" }],
  },
  {
    name: "a lake file is named by the attempt",
    rule: NAMES,
    edits: [
      {
        file: PUBLISH,
        from: "const files = lakeWrites(entry, id, v);",
        to: "const files = lakeWrites(entry, id, v).map((f) => ({ ...f, name: `${f.name}-${env.nonce()}` }));",
      },
    ],
  },
  {
    name: "a failed event is named by the attempt",
    rule: NAMES,
    edits: [
      {
        file: PUBLISH,
        from: "env.failedEvents.write(named(failed, id, v))",
        to: "env.failedEvents.write(named(failed, id, v).map((f) => ({ ...f, failedId: env.nonce() })))",
      },
    ],
  },
  {
    name: "an older version overwrites a view's row",
    scenario: "board",
    seed: 8,
    rule: "§7: a row is written over a lower version only",
    edits: [
      {
        file: VIEWS,
        from: '"attribute_not_exists(pk) OR #ver < :ver"',
        to: '"attribute_not_exists(pk) OR #ver <> :ver"',
      },
    ],
  },
  {
    name: "a view's deletion leaves no tombstone",
    scenario: "board",
    seed: 2,
    rule: "§7: deletions leave tombstones",
    edits: [
      {
        file: VIEWS,
        from: "newestOf(writes).map((write) => put(itemOf(write)))",
        to: `newestOf(writes).map(async (write) => {
          await put(itemOf(write));
          const { pk, sk } = itemOf(write);
          if (write.write.row === undefined && pk && sk)
            await call(gate, "dynamodb", "DeleteItem", () =>
              dynamodb.deleteItem({ TableName: VIEWS_TABLE, Key: { pk, sk } }),
            );
        })`,
      },
    ],
  },
];
