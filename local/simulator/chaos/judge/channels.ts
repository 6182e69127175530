import { decodeFrame } from "../../../../shared/frames/decode.ts";
import type { Frame } from "../../../../shared/frames/frame.ts";
import type { World } from "../world.ts";

type Received = { readonly frame: Extract<Frame, { kind: "rows" }>; readonly data: Uint8Array };

/**
 * On each channel frames come first in the order of their counters, without a gap, repeats are the same bytes, the
 * watermark never goes back, and what was sent is what entries gave and what was taken: so the rows of a key stay in
 * their order.
 */
export function wrongInChannels(world: World): string[] {
  const broken: string[] = [];
  for (const stage of world.planned.stages.values()) {
    if (stage.input.kind !== "internal") continue;
    const received = receivedBy(world, stage.id, broken);
    for (const { stage: from, partitions } of stage.input.upstreams)
      for (let partition = 0; partition < partitions; partition += 1) {
        const given = world.ledger
          .entries(from, partition)
          .flatMap(({ entry }) => entry.frames.filter(([to]) => to === stage.id));
        for (let to = 0; to < stage.partitions; to += 1) {
          const channel = `${from}/${partition} to ${to}`;
          const sent = given.filter((frame) => frame[1] === to).length;
          const came = received.get(channel)?.length ?? 0;
          if (sent !== came) broken.push(`${channel}: ${sent} frames were given, and ${came} came`);
          const last = world.ledger.entries(stage.id, to).at(-1)?.entry.positions ?? [];
          const taken = Number(last.find(([source]) => source === `${from}/${partition}`)?.[1] ?? 0);
          if (taken !== sent) broken.push(`${channel}: ${sent} frames were given, and ${taken} taken`);
        }
      }
  }
  return broken;
}

function receivedBy(
  world: World,
  stream: string,
  broken: string[],
): ReadonlyMap<string, readonly Received[]> {
  const channels = new Map<string, Received[]>();
  for (const { records } of world.shards.of(stream))
    for (const { Data: data } of records) {
      if (world.planted.has(data)) continue;
      const frame = decodeFrame(data, world.plain.compression);
      if (frame?.kind !== "rows") continue;
      const channel = `${frame.stage}/${frame.from} to ${frame.to}`;
      const seen = channels.get(channel) ?? [];
      channels.set(channel, seen);
      const before = seen[frame.counter - 1];
      if (before === undefined) {
        const last = seen.at(-1);
        if (frame.counter !== seen.length + 1)
          broken.push(`${channel}: frame ${frame.counter} comes after frame ${seen.length}`);
        if (last !== undefined && last.frame.watermark > frame.watermark)
          broken.push(`${channel}: frame ${frame.counter} takes the watermark back`);
        seen[frame.counter - 1] = { frame, data };
      } else if (!sameBytes(before.data, data))
        broken.push(`${channel}: frame ${frame.counter} comes with two contents`);
    }
  return channels;
}

const sameBytes = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;
