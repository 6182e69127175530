// biome-ignore-all lint/suspicious/noTemplateCurlyInString: code is text here
import type { Mutant } from "./mutant.ts";

const PARTITION = "shared/protocol/partition.ts";
const OUTBOX = "shared/protocol/outbox.ts";
const FOLD = "shared/operators/fold.ts";
const CHANNELS = "shared/operators/channels.ts";
const FOLD_PIECE = "shared/protocol/fold-piece.ts";
const WATERMARK = "§6: the watermark of a source follows each event, in the order of the log";
const PROCESSING =
  "§6: processing time is the highest stamp of any input so far, is part of the entry, and never goes back";
const UPSTREAMS = "§6: the watermark of a stage is the least of all its upstream partitions";
const CONTROL =
  "§6: control rows go to every partition, and channels that bring nothing else say nothing of time";
const COMBINED = "§3: rows are combined where neither order nor time lets anybody tell";
const COMBINER = "shared/operators/combine/combiner.ts";
const TIMERS = "§6: timers fire when the watermark passes them, once, wherever the batch is cut";

/** Watermarks, timers and ticks. */
export const TIME_MUTANTS: readonly Mutant[] = [
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
    name: "processing time goes back with a clock that is behind",
    scenario: "reminders",
    seed: 2,
    rule: PROCESSING,
    edits: [
      {
        file: FOLD,
        from: "if (sentAt > this.#time.processingTime)",
        to: "if (sentAt !== this.#time.processingTime)",
      },
    ],
  },
  {
    name: "a cold start or a rollback forgets processing time",
    scenario: "reminders",
    seed: 1,
    rule: PROCESSING,
    edits: [
      {
        file: FOLD,
        from: "    this.#time = time;\n",
        to: "    this.#time = { ...time, processingTime: 0 as EpochMs };\n",
      },
    ],
  },
  {
    name: "a timer of processing time fires a record later",
    scenario: "reminders",
    seed: 0,
    rule: "§6: timers of processing time fire with the first record at or after them",
    edits: [
      {
        file: FOLD,
        from: "    this.#clocks.reachProcessingTime(this.#time.processingTime);\n",
        to: "",
      },
      {
        file: FOLD,
        from: "    this.#context.record = position;\n",
        to: "    this.#clocks.reachProcessingTime(this.#time.processingTime);\n    this.#context.record = position;\n",
      },
    ],
  },
  {
    name: "rows of both sides of an early pane by stream time are combined",
    scenario: "live",
    seed: 0,
    rule: COMBINED,
    edits: [
      { file: COMBINER, from: "          open.endAll();\n          continue;", to: "          continue;" },
    ],
  },
  {
    name: "an event that shows its windows is combined",
    scenario: "live",
    seed: 0,
    rule: COMBINED,
    edits: [{ file: COMBINER, from: "when?.(value, info) ?? false", to: "false" }],
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
    edits: [{ file: CHANNELS, from: "if (this.#watermarks.size < this.#count) return undefined;", to: "" }],
  },
  {
    name: "the watermark is that of the fastest upstream partition",
    rule: UPSTREAMS,
    edits: [
      {
        file: CHANNELS,
        from: "Math.min(...this.#watermarks.values())",
        to: "Math.max(...this.#watermarks.values())",
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
        file: "shared/operators/window-ends.ts",
        from: "end > context.watermark ? end : ((end + this.#lateness) as EpochMs)",
        to: "end > context.watermark ? end : end",
      },
    ],
  },
  {
    name: "control rows go to the partition of their key alone",
    scenario: "limits",
    rule: CONTROL,
    edits: [{ file: OUTBOX, from: "if (feed.toAll.has(row[0]))", to: "if (feed.toAll.size > 9)" }],
  },
  {
    name: "the watermark counts what control channels tell",
    scenario: "limits",
    rule: CONTROL,
    edits: [{ file: CHANNELS, from: "if (this.#control.has(channel)) return undefined;", to: "" }],
  },
  {
    name: "the watermark waits for control channels",
    scenario: "limits",
    rule: CONTROL,
    edits: [
      {
        file: CHANNELS,
        from: "n + (control ? 0 : partitions)",
        to: "n + (control === true ? partitions : partitions)",
      },
    ],
  },
  {
    name: "what a lost batch heard is still shown",
    scenario: "limits",
    rule: "§5: a batch that lost its race is taken back, and nothing of it remains",
    seed: 1,
    edits: [
      {
        file: "shared/operators/broadcast/latest.ts",
        from: "this.#values.clean();\n    this.#shown = undefined;",
        to: "this.#values.clean();",
      },
    ],
  },
];
