import type { Key } from "../../shared/events/event.ts";
import type { Planned } from "../../shared/plan/planner.ts";
import { placesOf } from "./combined.ts";
import type { History, Input, SentFrame } from "./history.ts";
import { partitionOf } from "./keys.ts";
import { ReferencePartition, type Row } from "./partition.ts";
import { noCounts, Results } from "./results.ts";
import type { Feed, Stage } from "./stage.ts";

/** The rows of a frame, and what its sender promised with it. */
type Frame = { readonly rows: readonly (Row | readonly Row[])[]; readonly watermark: number };

/**
 * Works out what an application must have left behind, from its plan and from what its partitions took: by definition,
 * one event after another, in one thread, with all state in lists. It shares no code with the engine (`shared/operators`,
 * `shared/state`, `shared/protocol`), so that a fault there is not a fault here.
 *
 * Rows between stages are its own: of the history it takes only which commit's rows went into which frame, which of
 * them stood for several, and when the receiver took it. It knows nothing of sizes: rows too large for a record or a view are not judged.
 * @throws RangeError for an operator that it does not know (see `withoutDefinition`); what a user's function throws
 * where its policy is `halt`
 */
export function interpret(planned: Planned, history: History, codeVersion: string): Results {
  const results = new Results();
  const frames = new Map<string, Frame>();
  for (const stage of inOrder([...planned.stages.values()]))
    for (let partition = 0; partition < stage.partitions; partition += 1)
      interpretPartition(stage, partition, { history, results, frames, codeVersion });
  return results;
}

type Shared = {
  readonly history: History;
  readonly results: Results;
  /** By sender, receiver and counter. */
  readonly frames: Map<string, Frame>;
  readonly codeVersion: string;
};

function interpretPartition(stage: Stage, partition: number, shared: Shared): void {
  const { history, results, frames, codeVersion } = shared;
  const me = `${stage.id}/${partition}`;
  const commits = history.get(stage.id)?.[partition] ?? [];
  let rows: { readonly to: string; readonly row: Row }[] = [];
  let version = 0;
  const told = new Map<string, number>();
  const reference = new ReferencePartition({
    stage,
    results,
    codeVersion,
    feed: (spec, row) => {
      for (const to of receiversOf(spec, row.key, partition, version))
        rows.push({ to: `${spec.stage}/${to}`, row });
    },
  });
  const combineFor = (channel: string): Feed["combine"] =>
    stage.nodes.flatMap(({ spec }) =>
      spec.kind === "feed" && channel.slice(0, channel.lastIndexOf("/")) === spec.stage ? [spec] : [],
    )[0]?.combine;
  for (const [i, commit] of commits.entries()) {
    version = i + 1;
    reference.commit(commit.lookedUp ?? []);
    for (const input of commit.inputs) take(reference, input, me, shared);
    for (const [channel, sent] of byChannel(commit.frames)) {
      const mine = rows.filter(({ to }) => to === channel).map(({ row }) => row);
      rows = rows.filter(({ to }) => to !== channel);
      const { places, wrong } = placesOf(
        mine,
        sent.flatMap((frame) => frame.rows),
        combineFor(channel),
      );
      if (wrong !== undefined)
        results.contradictions.push(`${me}, commit ${i + 1}, for ${channel}: ${wrong}`);
      // only a commit's last frame tells its watermark: rows of the others may be behind it
      for (const [nth, frame] of sent.entries()) {
        const last = nth === sent.length - 1;
        const watermark = last ? reference.times.watermark : (told.get(channel) ?? Number.NEGATIVE_INFINITY);
        frames.set(nameOf(me, channel, frame.counter), {
          rows: places.splice(0, frame.rows.length),
          watermark,
        });
      }
      told.set(channel, reference.times.watermark);
    }
    for (const { to } of rows)
      results.contradictions.push(`${me}, commit ${i + 1}: no frame for a row for ${to}`);
    rows = [];
  }
  const total = results.counts.get(stage.id) ?? noCounts();
  for (const [name, n] of Object.entries(reference.counts)) {
    const counted = name as keyof typeof total;
    total[counted] = (total[counted] ?? 0) + n;
  }
  results.counts.set(stage.id, total);
}

function take(reference: ReferencePartition, input: Input, me: string, { frames, results }: Shared): void {
  reference.record(input.position, input.sentAt);
  switch (input.kind) {
    case "events":
      reference.active();
      for (const [i, [id, time, payload]] of input.events.entries())
        reference.event(id, time, payload, input.keys?.[i]);
      for (const { payload, error } of input.refused) reference.reject(payload, error);
      return;
    case "frame": {
      const channel = `${input.stage}/${input.from}`;
      const frame = frames.get(nameOf(channel, me, input.counter));
      if (frame === undefined) {
        results.contradictions.push(`${me} took frame ${input.counter} of ${channel}, which nobody sent`);
        return;
      }
      for (const row of frame.rows)
        if ("edge" in row) reference.row(row);
        else reference.combined(row);
      reference.promise(channel, frame.watermark);
      return;
    }
    case "poison":
      reference.reject(input.payload, input.error);
      return;
    case "tick":
      reference.tick(input.sentAt);
      return;
    case "end":
      reference.advance(Number.POSITIVE_INFINITY);
  }
}

/** Where keys are spread, commits take turns with partitions that are evenly apart, from the key's own on. */
function receiversOf(
  { reach, partitions, salts = 1 }: Feed,
  key: Key,
  sender: number,
  version: number,
): readonly number[] {
  switch (reach) {
    case "key": {
      const turn = Math.floor((((sender + version) % salts) * partitions) / salts);
      return [(partitionOf(key, partitions) + turn) % partitions];
    }
    case "own":
      return [sender % partitions];
    case "all":
      return Array.from({ length: partitions }, (_, to) => to);
  }
}

const nameOf = (from: string, to: string, counter: number): string => `${from} to ${to}: ${counter}`;

function byChannel(frames: readonly SentFrame[]): Map<string, SentFrame[]> {
  const channels = new Map<string, SentFrame[]>();
  for (const frame of frames) {
    const channel = `${frame.stage}/${frame.to}`;
    channels.set(channel, [...(channels.get(channel) ?? []), frame]);
  }
  return channels;
}

/** Every stage after those that feed it. */
function inOrder(stages: readonly Stage[]): Stage[] {
  const ordered: Stage[] = [];
  for (let left = [...stages]; left.length > 0; ) {
    const ready = left.filter(
      ({ input }) =>
        input.kind === "source" || input.upstreams.every((up) => ordered.some(({ id }) => id === up.stage)),
    );
    if (ready.length === 0) throw new RangeError("stages feed each other in a circle");
    ordered.push(...ready);
    left = left.filter((stage) => !ready.includes(stage));
  }
  return ordered;
}
