// biome-ignore-all lint/suspicious/noTemplateCurlyInString: code is text here
import type { ScenarioName } from "./scenarios.ts";

/** A rule of the protocol, and code that breaks it. */
export type Mutant = {
  readonly name: string;
  /** What holds where the fault is not planted, and the section of docs/design.md that says so. */
  readonly rule: string;
  readonly edits: readonly Edit[];
  /** The scenario that is to find it. @default "shop" */
  readonly scenario?: ScenarioName;
  /** A seed that found it, tried before all others. */
  readonly seed?: number;
};

/** `from` stands in `file` exactly once. */
type Edit = { readonly file: string; readonly from: string; readonly to: string };

const PARTITION = "shared/protocol/partition.ts";
const PUBLISH = "shared/protocol/publish.ts";
const REPLICA = "shared/protocol/replica.ts";
const INBOX = "shared/protocol/inbox.ts";
const OUTBOX = "shared/protocol/outbox.ts";
const SNAPSHOTS = "shared/protocol/snapshot-policy.ts";
const TAKE_SNAPSHOT = "shared/protocol/take-snapshot.ts";
const CLEAN = "shared/protocol/clean-up.ts";
const WRITE_PAGES = "shared/protocol/write-pages.ts";
const PAGED_STATE = "shared/operators/paged-state.ts";
const STAGE_LOOP = "shared/protocol/stage-loop.ts";
const FOLD = "shared/operators/fold.ts";
const FOLD_PIECE = "shared/protocol/fold-piece.ts";
const DEDUPE = "shared/operators/dedupe.ts";
const LOG = "local/simulator/ports/commit-log.ts";
const VIEWS = "local/simulator/ports/views.ts";

const APPEND = "const { won } = await this.#env.log.append(this.#id, item);";

/** What is published before the entry is in the log. */
const publishedFirst = (part: string, records: string): Edit => ({
  file: PARTITION,
  from: APPEND,
  to: `const nothing = { ...entry, frames: [], views: [], lake: [], failed: [] };
      await publishEntry(this.#env, this.#id, item.v, { ...nothing, ${part} }, ${records});
      ${APPEND}`,
});

const FENCE = "§5: whose conditional put of entry v+1 is refused has lost, and starts over";
const FOLLOW = "§1.4: effects follow the commit";
const AGAIN = "§1.4: v+1 may not commit before the outputs of v were acknowledged";
const NAMES = "§5, §7: what is published carries names that come from the entry";
const POSITION = "§4: drop what is up to the position of its shard or channel, take the rest";
const DENSE = "§4: the counters of a channel are dense, and a gap stops the batch";
const TAKEN_BACK = "§5: a batch that is not committed leaves nothing behind";
const LOGGED = "§1.2, §6: nothing is kept that the log does not say";
const RECOVERY = "§5: a snapshot and the entries after it are the partition";
const PAGES = "§5: what a batch lacks of the state is read, and the batch folded again";
const TRUNCATION = "§5: old entries go after a snapshot, and never before 24 h";
const CLEAN_UP = "§5: clean-up goes by what the log says, and leaves nothing for ever";
const WATERMARK = "§6: the watermark of a source follows each event, in the order of the log";
const UPSTREAMS = "§6: the watermark of a stage is the least of all its upstream partitions";
const TIMERS = "§6: timers fire when the watermark passes them, once, wherever the batch is cut";
const REPORTED = "§4: what was not settled is reported, and delivered again";

/** One or more for each rule that exactly-once stands on. */
export const MUTANTS: readonly Mutant[] = [
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
        from: "await publishEntry(this.#env, this.#id, item.v, entry, parcel.records);",
        to: "publishEntry(this.#env, this.#id, item.v, entry, parcel.records).catch(() => {});",
      },
    ],
  },
  {
    name: "frames that are sent again are stamped with the clock",
    rule: NAMES,
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
        from: "env.failedEvents.write(named(entry.failed, id, v))",
        to: "env.failedEvents.write(named(entry.failed, id, v).map((f) => ({ ...f, failedId: env.nonce() })))",
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
        from: "newest(writes).map((write) => put(itemOf(write)))",
        to: `newest(writes).map(async (write) => {
          await put(itemOf(write));
          const { pk, sk } = itemOf(write);
          if (write.row === undefined && pk && sk)
            await call(gate, "dynamodb", "DeleteItem", () =>
              dynamodb.deleteItem({ TableName: VIEWS_TABLE, Key: { pk, sk } }),
            );
        })`,
      },
    ],
  },
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
    name: "a tick has the time of the clock, not the one in the log",
    rule: "§6: a tick goes through the log like any input, so that processing time replays bit for bit",
    scenario: "meters",
    seed: 1,
    edits: [
      {
        file: PARTITION,
        from: "foldPiece(fold, piece);",
        to: "foldPiece(fold, piece, this.#env.clock.now());",
      },
      { file: FOLD_PIECE, from: "piece: Piece): void {", to: "piece: Piece, now: never): void {" },
      { file: FOLD_PIECE, from: "fold.tick(sentAt);", to: "fold.tick(now);" },
    ],
  },
  {
    name: "a record has the time of the clock, not the one in the log",
    scenario: "board",
    seed: 2,
    rule: "§1.2: time is taken from the input only",
    edits: [
      {
        file: PARTITION,
        from: "foldPiece(fold, piece);",
        to: "foldPiece(fold, piece, this.#env.clock.now());",
      },
      { file: FOLD_PIECE, from: "piece: Piece): void {", to: "piece: Piece, now: never): void {" },
      {
        file: FOLD_PIECE,
        from: "fold.record(`${source}:${at}`, sentAt);",
        to: "fold.record(`${source}:${at}`, now);",
      },
    ],
  },
  {
    name: "the end of the input goes by without an entry",
    rule: "§6: the end of a bounded input is a control record: the watermark goes to infinity",
    edits: [
      {
        file: PARTITION,
        from: "const inbox = this.#replica.inbox.copy();",
        to: `const inbox = this.#replica.inbox.copy();
    const others = pieces.filter(({ content }) => content.kind !== "end");
    if (others.length === 0) return { draft: undefined };`,
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
    edits: [{ file: FOLD, from: "this.#state.needDue(to);", to: "" }],
  },
  {
    name: "early panes that are not in memory miss their time",
    scenario: "meters",
    seed: 8,
    rule: PAGES,
    edits: [{ file: FOLD, from: "this.#state.needStreamDue(time);", to: "" }],
  },
  {
    name: "changes of the log are lost for state that is not in memory",
    rule: PAGES,
    edits: [{ file: PAGED_STATE, from: "page.pending.push(change);", to: "" }],
  },
  {
    name: "a snapshot leaves out what others changed",
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
    this.#dues.rewind();`,
        to: `if (place === undefined) part?.pages.settle();
    }
    this.#dues.rewind();`,
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
    seed: 6,
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
    seed: 21,
    rule: TRUNCATION,
    edits: [{ file: SNAPSHOTS, from: "minus(env.clock.now(), KEEP)", to: "env.clock.now()" }],
  },
  {
    name: "a warm environment goes on over entries that were deleted",
    scenario: "board",
    seed: 60,
    rule: TRUNCATION,
    edits: [{ file: REPLICA, from: "item.v !== v + 1 + i", to: "item.v < v + 1 + i" }],
  },
  {
    name: "the watermark follows the batch, not the event",
    rule: WATERMARK,
    edits: [
      {
        file: FOLD_PIECE,
        from: "fold.event(eventId, time, ofEvent, project(payload, reads), outOfOrder);",
        to: "fold.event(eventId, time, ofEvent, project(payload, reads), Number.POSITIVE_INFINITY);",
      },
      {
        file: PARTITION,
        from: "return { draft: this.#draft(inbox) };",
        to: `const { input } = this.#stage;
      if (input.kind === "source")
        fold.channelWatermark("batch", (fold.time().streamTime - input.outOfOrder) as never);
      return { draft: this.#draft(inbox) };`,
      },
    ],
  },
  {
    name: "the watermark follows the record, not the event",
    seed: 1,
    rule: WATERMARK,
    edits: [
      {
        file: FOLD_PIECE,
        from: "fold.event(eventId, time, ofEvent, project(payload, reads), outOfOrder);\n      }",
        to: `fold.event(eventId, time, ofEvent, project(payload, reads), Number.POSITIVE_INFINITY);
      }
      fold.channelWatermark("record", (fold.time().streamTime - outOfOrder) as never);`,
      },
    ],
  },
  {
    name: "the watermark is the least of the upstream partitions that were heard of",
    seed: 2,
    rule: UPSTREAMS,
    edits: [{ file: FOLD, from: "if (this.#channels.size < this.#upstreamCount) return;", to: "" }],
  },
  {
    name: "the watermark is that of the fastest upstream partition",
    rule: UPSTREAMS,
    edits: [
      {
        file: FOLD,
        from: "Math.min(...this.#channels.values())",
        to: "Math.max(...this.#channels.values())",
      },
    ],
  },
  {
    name: "a frame's watermark is there before its rows",
    rule: UPSTREAMS,
    edits: [
      {
        file: FOLD_PIECE,
        from: "for (const [edge, key, time, value] of content.rows) fold.row(edge, key, time, value);",
        to: `fold.channelWatermark(content.channel, content.watermark);
      for (const [edge, key, time, value] of content.rows) fold.row(edge, key, time, value);`,
      },
    ],
  },
  {
    name: "a quiet channel is not told of the end",
    rule: UPSTREAMS,
    edits: [{ file: OUTBOX, from: "(watermark === END_OF_TIME || ", to: "(watermark !== END_OF_TIME && " }],
  },
  {
    name: "timers are not armed again after a restart",
    rule: TIMERS,
    edits: [
      { file: FOLD, from: "for (const operator of this.#compiled.stateful) operator?.rearm();", to: "" },
    ],
  },
  {
    name: "a timer that has fired fires again after a restart",
    rule: TIMERS,
    edits: [
      {
        file: "shared/operators/aligned-windows.ts",
        from: "end > context.watermark ? end : ((end + this.#lateness) as EpochMs)",
        to: "end > context.watermark ? end : end",
      },
    ],
  },
  {
    name: "a batch with two partitions that stopped reports the later record",
    seed: 1,
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
    edits: [
      { file: CLEAN, from: "!used.has(key) && key !== newest.key && ", to: "" },
      { file: CLEAN, from: "const KEEP = days(1);", to: "const KEEP = days(0);" },
    ],
  },
];
