import type { Compression } from "../../shared/frames/compression.ts";
import { encodeFrame } from "../../shared/frames/encode.ts";
import type { Frame } from "../../shared/frames/frame.ts";
import type { Stage } from "../../shared/operators/stage.ts";
import type { Environment } from "../../shared/protocol/environment.ts";
import type { LogItem } from "../../shared/protocol/ports.ts";
import type { InRecord } from "../../shared/protocol/record.ts";
import { type EpochMs, epochMs } from "../../shared/time/time.ts";
import { type Input, sentAtOf } from "../operators/runner.ts";
import { type InMemory, inMemory } from "./in-memory.ts";

export const none: Compression = { compress: (bytes) => bytes, decompress: (bytes) => bytes };

/** The inputs as records: an event, or the rows of one frame, each. */
export function recordsOf(stage: Stage, inputs: readonly Input[]): InRecord[] {
  const counters = new Map<string, number>();
  const stream = stage.input.kind === "source" ? stage.input.stream : stage.id;
  return inputs.map((input, i) => {
    const sentAt = epochMs(sentAtOf(input));
    let frame: Frame;
    if (input.kind === "row" || input.kind === "watermark") {
      const counter = (counters.get(input.channel) ?? 0) + 1;
      counters.set(input.channel, counter);
      const rows = input.kind === "row" ? [[0, input.row.k, epochMs(input.row.t), input.row] as const] : [];
      const watermark = (input.kind === "watermark" ? input.at : -1_000) as EpochMs;
      const from = Number(input.channel.split("/")[1]);
      frame = { kind: "rows", stage: "up", from, to: 0, counter, watermark, sentAt, rows };
    } else if (input.kind === "event") {
      const { id, t } = input.event;
      frame = { kind: "events", stream, partition: 0, sentAt, events: [[id, epochMs(t), input.event]] };
    } else frame = { kind: input.kind, stream, partition: 0, sentAt };
    return {
      shard: "shard-0",
      sequence: String(i + 1),
      partitionKey: "0",
      arrivedAt: sentAt,
      data: encodeFrame(frame, none),
    };
  });
}

/** An environment in memory, and every entry that was put into it. */
export type Recording = InMemory & { readonly entries: LogItem[] };

/** An environment that also keeps every entry that was ever put, whatever is truncated. */
export function recording(options: Partial<Environment>): Recording {
  const env = inMemory({ compression: none, ...options });
  const entries: LogItem[] = [];
  const append: Environment["log"]["append"] = async (id, item) => {
    const put = await env.log.append(id, item);
    if (put.won) entries.push(item);
    return put;
  };
  return { ...env, log: { ...env.log, append }, entries };
}
