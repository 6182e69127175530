import type { Captures, MatchSpec, TakingStep } from "../../../shared/operators/pattern/spec.ts";

export type Timed = { readonly time: number; readonly value: unknown };

/** Events by step and number, as a match or what there is of one. */
type Path = readonly (readonly [step: number, n: number])[];

/** When something is given: with an event, or at a time, before the events of that time. */
type Moment = { readonly time: number; readonly n: number | undefined };

type Candidate = { readonly path: Path; readonly at: Moment; readonly cut: boolean };

/** What is forbidden on the way to a step, and how far that way may lead. */
type Target = {
  readonly step: number | undefined;
  readonly how: "strict" | "relaxed" | "any";
  readonly not: readonly { readonly reach: "next" | "between"; readonly where: TakingStep["where"] }[];
};

/**
 * All matches of a pattern in a key's events, in the order in which they are given, each as the numbers of its events,
 * and what was cut short. Found by trying every choice of events against what the words say: slow, and plain to see.
 */
export function matchesByDefinition(
  spec: MatchSpec,
  events: readonly Timed[],
): { matches: string[]; cut: string[] } {
  const { steps, within } = spec.pattern;
  const taking = steps.filter((step) => step.kind === "take");
  const timeOf = (n: number): number => events[n]?.time ?? Number.NaN;
  const capturesOf = (path: Path): Captures =>
    Object.fromEntries(
      taking.map(({ name }, i) => [
        name,
        path.filter(([step]) => step === i).map(([, n]) => events[n]?.value),
      ]),
    );
  const fits = (where: TakingStep["where"], n: number, path: Path): boolean =>
    where(events[n]?.value, capturesOf(path));

  /** Where one may go from a step (-1: from the beginning): past optional steps, under all that is forbidden between. */
  function onward(from: number): Target[] {
    const after = from < 0 ? 0 : steps.indexOf(taking[from] as TakingStep) + 1;
    const targets: Target[] = [];
    const not: Target["not"][number][] = [];
    for (const step of steps.slice(after)) {
      if (step.kind === "forbid") not.push(step);
      else {
        targets.push({ step: taking.indexOf(step), how: step.contiguity, not: [...not] });
        if (step.min > 0) return targets;
      }
    }
    return [...targets, { step: undefined, how: "relaxed", not }];
  }

  const candidates: Candidate[] = [];

  function extend(path: Path): void {
    const [last = 0, p = 0] = path.at(-1) ?? [];
    const deadline = timeOf(path[0]?.[1] ?? 0) + within;
    const inTime = events.flatMap(({ time }, n) => (n > p && time < deadline ? [n] : []));
    const step = taking[last] as TakingStep;
    const count = path.filter(([of]) => of === last).length;
    const targets: Target[] = [
      ...(count < step.max ? [{ step: last, how: step.inner, not: [] }] : []),
      ...(count >= step.min ? onward(last) : []),
    ];
    let waits = false;
    for (const { step: to, how, not } of targets) {
      const forbidden = (reach: "next" | "between", ns: readonly number[]): boolean =>
        not.some((one) => one.reach === reach && ns.some((n) => fits(one.where, n, path)));
      const allowed = (before: number): boolean =>
        !forbidden("next", inTime.slice(0, 1)) &&
        !forbidden(
          "between",
          inTime.filter((n) => n < before),
        );
      if (to === undefined) {
        if (not.length === 0) candidates.push({ path, at: { time: timeOf(p), n: p }, cut: false });
        else if (allowed(Number.POSITIVE_INFINITY))
          candidates.push({ path, at: { time: deadline, n: undefined }, cut: false });
        continue;
      }
      const fitting = inTime.filter((n) => fits((taking[to] as TakingStep).where, n, path));
      const chosen =
        how === "any" ? fitting : fitting.slice(0, 1).filter((n) => how === "relaxed" || n === inTime[0]);
      for (const n of chosen) if (allowed(n)) extend([...path, [to, n]]);
      const isOpen = how === "strict" ? inTime.length === 0 : how === "any" || fitting.length === 0;
      waits ||= isOpen && allowed(Number.POSITIVE_INFINITY);
    }
    if (waits && !targets.some(({ step: to }) => to === undefined))
      candidates.push({ path, at: { time: deadline, n: undefined }, cut: true });
  }

  for (const { step } of onward(-1))
    if (step !== undefined)
      for (const n of events.keys()) if (fits((taking[step] as TakingStep).where, n, [])) extend([[step, n]]);

  const matches: Path[] = [];
  const cut: string[] = [];
  for (const { path, cut: isCut } of candidates.sort(inOrder)) {
    const start = path[0]?.[1] ?? 0;
    if (matches.some((match) => (match[0]?.[1] ?? 0) <= start && start <= skipsTo(match))) continue;
    if (isCut) cut.push(nameOf(path));
    else matches.push(path);
  }
  return { matches: matches.map(nameOf), cut };

  /** The last event with which what a match ends has begun; -1: it ends nothing. */
  function skipsTo(match: Path): number {
    const { skip } = spec;
    if (skip === "noSkip") return -1;
    if (skip === "skipToNext") return match[0]?.[1] ?? 0;
    if (skip === "skipPastLastEvent") return match.at(-1)?.[1] ?? 0;
    const named = "first" in skip ? skip.first : skip.last;
    const ns = match.filter(([step]) => taking[step]?.name === named).map(([, n]) => n);
    const to = "first" in skip ? ns[0] : ns.at(-1);
    return to === undefined ? -1 : to - 1;
  }
}

const nameOf = (path: Path): string => path.map(([step, n]) => `${step}:${n}`).join(" ");

/** By moment; at one moment matches before what is cut, then by events and steps. */
function inOrder(a: Candidate, b: Candidate): number {
  return (
    a.at.time - b.at.time ||
    (a.at.n ?? -1) - (b.at.n ?? -1) ||
    Number(a.cut) - Number(b.cut) ||
    byPath(a.path, b.path)
  );
}

function byPath(a: Path, b: Path): number {
  for (const [i, [step, n]] of a.entries()) {
    const [otherStep, otherN] = b[i] ?? [-1, -1];
    if (n !== otherN) return n - otherN;
    if (step !== otherStep) return step - otherStep;
  }
  return a.length - b.length;
}
