import type { MatchNode } from "./stage.ts";

export type Pattern = MatchNode["spec"]["pattern"];
type Step = Pattern["steps"][number];
type Taking = Extract<Step, { readonly kind: "take" }>;
type Forbidding = Extract<Step, { readonly kind: "forbid" }>;
type Captures = Parameters<Taking["where"]>[1];

export type Seen = { readonly time: number; readonly value: unknown };

/** Events of a match, or of what there is of one: which step took which event of the list. */
export type Path = readonly (readonly [step: number, n: number])[];

/** What may come next on a path: a step that takes events (none: the end), how, and what is forbidden on the way. */
type Target = {
  readonly step: number | undefined;
  readonly how: Taking["contiguity"];
  readonly not: readonly Forbidding[];
};

/** A path that still waits for a target; a path may wait for several. */
type Waiting = { readonly path: Path; readonly target: Target };

/** `ended`: paths that are a match with the newest event. */
export type UnderWay = { readonly waiting: readonly Waiting[]; readonly ended: readonly Path[] };

const stepsOf = ({ steps }: Pattern): Taking[] => steps.filter((step) => step.kind === "take");

/** The steps that may be reached from one (from the beginning: -1), past those that are optional. */
function reachable(pattern: Pattern, from: number): Target[] {
  const taking = stepsOf(pattern);
  const after = from < 0 ? 0 : pattern.steps.indexOf(taking[from] as Taking) + 1;
  const rest = pattern.steps.slice(after);
  const targets: Target[] = [];
  for (const [i, step] of rest.entries()) {
    if (step.kind === "forbid") continue;
    const not = rest.slice(0, i).filter((one) => one.kind === "forbid");
    targets.push({ step: taking.indexOf(step), how: step.contiguity, not });
    if (step.min > 0) return targets;
  }
  return [...targets, { step: undefined, how: "relaxed", not: rest.filter((one) => one.kind === "forbid") }];
}

/** What may come after a path: another event for its last step, and once that has enough, what is reachable from it. */
export function targetsOf(pattern: Pattern, path: Path): Target[] {
  const last = path.at(-1)?.[0] ?? 0;
  const { min, max, inner } = stepsOf(pattern)[last] as Taking;
  const taken = path.filter(([step]) => step === last).length;
  return [
    ...(taken < max ? [{ step: last, how: inner, not: [] }] : []),
    ...(taken >= min ? reachable(pattern, last) : []),
  ];
}

export function capturesOf(pattern: Pattern, events: readonly Seen[], path: Path): Captures {
  return Object.fromEntries(
    stepsOf(pattern).map(({ name }, i) => [
      name,
      path.filter(([step]) => step === i).map(([, n]) => events[n]?.value),
    ]),
  );
}

/**
 * All that is under way in a list of events: from each event that may begin a match, each way through the events that
 * the words of the pattern allow. A condition is asked of an event only for a path that waits for it, in the order of
 * events for one path, and of paths in the order `byPath`.
 * @param isOut - whether what began with the event is over, or ended by a match
 * @throws what a condition throws
 */
export function underWay(pattern: Pattern, events: readonly Seen[], isOut: (n: number) => boolean): UnderWay {
  const waiting: Waiting[] = [];
  const ended: Path[] = [];
  const steps = stepsOf(pattern);
  const where = (step: number | undefined, n: number, path: Path): boolean =>
    step !== undefined && (steps[step] as Taking).where(events[n]?.value, capturesOf(pattern, events, path));
  const isForbidden = ({ not }: Target, reach: Forbidding["reach"], n: number, path: Path): boolean =>
    not.some((one) => one.reach === reach && one.where(events[n]?.value, capturesOf(pattern, events, path)));

  /** The events that the target takes, one path each, and whether it waits for more after all of them. */
  function follow(path: Path, target: Target): Path[] {
    const next = (path.at(-1)?.[1] ?? 0) + 1;
    const onward: Path[] = [];
    for (let n = next; n < events.length; n += 1) {
      if (n === next && isForbidden(target, "next", n, path)) return onward;
      const fits = where(target.step, n, path);
      if (fits) onward.push([...path, [target.step as number, n]]);
      if (target.how === "strict" || (fits && target.how === "relaxed")) return onward;
      if (isForbidden(target, "between", n, path)) return onward;
    }
    waiting.push({ path, target });
    return onward;
  }

  function explore(path: Path): void {
    const onward: Path[] = [];
    for (const target of targetsOf(pattern, path)) {
      const isFree = target.step === undefined && target.not.length === 0;
      if (!isFree) onward.push(...follow(path, target));
      else if (path.at(-1)?.[1] === events.length - 1) ended.push(path);
    }
    for (const longer of onward.sort(byPath)) explore(longer);
  }

  for (const n of events.keys())
    if (!isOut(n))
      for (const { step } of reachable(pattern, -1)) if (where(step, n, [])) explore([[step as number, n]]);
  return { waiting, ended };
}

/** By first event, then event by event; of equal events the earlier step; a path before those that go on from it. */
export function byPath(a: Path, b: Path): number {
  for (const [i, [step, n]] of a.entries()) {
    const other = b[i];
    if (other === undefined) return 1;
    if (n !== other[1]) return n - other[1];
    if (step !== other[0]) return step - other[0];
  }
  return a.length - b.length;
}
