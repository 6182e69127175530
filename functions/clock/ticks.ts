import type { Stage, StageSource } from "../../shared/operators/stage.ts";
import { usesProcessingTimers } from "../../shared/plan/processing-timers.ts";
import { END_OF_TIME, type EpochMs } from "../../shared/time/time.ts";
import type { Head } from "../aws/heads.ts";

/** A partition of a source stream that gets a tick. */
export type Tick = { readonly stream: string; readonly partition: number; readonly partitions: number };

/** By stage id, the head of each partition; undefined for one that has committed nothing yet. */
export type Heads = ReadonlyMap<string, readonly (Head | undefined)[]>;

type Stages = ReadonlyMap<string, Stage>;
type SourceStage = Stage & { readonly input: StageSource };

/**
 * Stages whose heads decide on ticks: those that may get one, since they feed others, have timers of processing time or
 * their stream has an idle policy, and for idle streams all stages that wait for them.
 */
export function stagesToRead(stages: Stages): Stage[] {
  const wanted = new Set<Stage>();
  for (const stage of stages.values()) {
    const idle = isOfSource(stage) ? stage.input.idle : undefined;
    if (idle === undefined && feedsOf(stage).length === 0 && !stage.nodes.some(usesProcessingTimers))
      continue;
    wanted.add(stage);
    if (idle !== undefined) for (const each of downstreamOf(stage, stages)) wanted.add(each);
  }
  return [...wanted];
}

/**
 * The ticks that can change something, each partition of a stream once. A partition gets one where
 * - it owes its watermark to a stage that it feeds, or
 * - it has a timer of processing time whose time has come, or
 * - its stream has an idle policy, a tick can move its watermark on, and a timer waits for that: one of its
 *   own, or one in a stage behind it.
 *
 * So an application in which nothing is open gets no tick, and costs nothing.
 */
export function ticksFor(stages: Stages, heads: Heads, now: EpochMs): Tick[] {
  const ticks = new Map<string, Tick>();
  for (const stage of stages.values()) {
    // an internal stream is named like the stage that it feeds
    const stream = isOfSource(stage) ? stage.input.stream : stage.id;
    const waitedFor = downstreamOf(stage, stages).some(({ id }) => (heads.get(id) ?? []).some(isPending));
    const moves = (head: Head | undefined): boolean =>
      isOfSource(stage) && canMove(stage.input, head, now) && (waitedFor || isPending(head));
    for (const [partition, head] of (heads.get(stage.id) ?? []).entries())
      if (head?.owes === true || isDue(head, now) || moves(head))
        ticks.set(`${stream}/${partition}`, { stream, partition, partitions: stage.partitions });
  }
  return [...ticks.values()];
}

/** Whether a tick at `now` can move the watermark, as the stream's idle policy has it. */
function canMove({ idle, outOfOrder }: StageSource, head: Head | undefined, now: EpochMs): boolean {
  if (idle === undefined || head?.watermark === END_OF_TIME) return false;
  // a partition that never had an event starts only where the policy says when
  if (head === undefined || head.watermark === Number.NEGATIVE_INFINITY)
    return idle.initSourceDelay !== undefined;
  return head.watermark < now - outOfOrder;
}

/** Whether something waits for the watermark: a timer, or a stage further down that was not told of it. */
const isPending = (head: Head | undefined): boolean =>
  head !== undefined && (head.nextTimer !== undefined || head.owes);

/** Whether a tick at `now` calls a timer of processing time. */
const isDue = (head: Head | undefined, now: EpochMs): boolean =>
  head?.nextProcessingTimer !== undefined && head.nextProcessingTimer <= now;

const isOfSource = (stage: Stage): stage is SourceStage => stage.input.kind === "source";

const feedsOf = ({ nodes }: Stage): string[] =>
  nodes.flatMap(({ spec }) => (spec.kind === "feed" ? [spec.stage] : []));

/** All stages that a stage feeds, directly or through others. */
function downstreamOf(stage: Stage, stages: Stages): Stage[] {
  const found = new Set<Stage>();
  const open = feedsOf(stage);
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    const next = stages.get(id);
    if (next === undefined || found.has(next)) continue;
    found.add(next);
    open.push(...feedsOf(next));
  }
  return [...found];
}
