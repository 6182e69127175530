import { MillraceError } from "../../shared/errors/millrace-error.ts";
import type { EventInfo, Key } from "../../shared/events/event.ts";
import type { Host, Keeper } from "./host.ts";
import { copyOf, isTaken } from "./keepable.ts";
import { byKey, byKeys } from "./keys.ts";
import { byPath, capturesOf, type Path, type Seen, targetsOf, type UnderWay, underWay } from "./paths.ts";
import type { MatchNode } from "./stage.ts";

/** Matches that began with one of these events are ended. */
type Ended = { readonly from: number; readonly to: number };

/** What there is of a key: events that wait for the watermark, and those that were looked at, in order. */
type Mine = {
  readonly key: Key;
  waiting: readonly Seen[];
  seen: readonly Seen[];
  ended: readonly Ended[];
  /** Up to when what ran out of time was told. */
  toldTo: number;
  /** By the above: kept so that it need not be found again for every look at it. */
  now: UnderWay;
};

/**
 * A pattern by its definition: a list of each key's events, in which all ways of the pattern are gone again from the
 * beginning with each event that the watermark has passed.
 */
export function patterns({ id, spec }: MatchNode, host: Host): Keeper {
  const { pattern, skip, most } = spec;
  const keys = byKeys<Mine>((key) => {
    const toldTo = Number.NEGATIVE_INFINITY;
    return { key, waiting: [], seen: [], ended: [], toldTo, now: { waiting: [], ended: [] } };
  });

  const endOf = (seen: readonly Seen[], n: number): number => (seen[n]?.time ?? 0) + pattern.within;
  const look = ({ ended, toldTo }: Mine, seen: readonly Seen[]): UnderWay =>
    underWay(
      pattern,
      seen,
      (n) => endOf(seen, n) <= toldTo || ended.some(({ from, to }) => from <= n && n <= to),
    );
  const deadlineOf = ({ now, seen }: Mine): number =>
    Math.min(Number.POSITIVE_INFINITY, ...now.waiting.map(({ path }) => endOf(seen, startOf(path))));

  /** The last event with which what a match ends has begun; -1: it ends nothing. */
  const skipsTo = (path: Path): number => {
    if (skip === "noSkip") return -1;
    if (skip === "skipToNext") return startOf(path);
    if (skip === "skipPastLastEvent") return lastOf(path);
    const named = "first" in skip ? skip.first : skip.last;
    const step = pattern.steps.filter(({ kind }) => kind === "take").findIndex(({ name }) => name === named);
    const ns = path.filter(([one]) => one === step).map(([, n]) => n);
    const to = "first" in skip ? ns[0] : ns.at(-1);
    return to === undefined ? -1 : to - 1;
  };

  /** What a key gives at one moment: numbered, since a moment may give much. */
  const advance = (mine: Mine, moment: number): void => {
    let given = 0;
    const nextId = (): string => `${id}/${mine.key}/${moment}/${given++}`;
    const give = (path: Path, port: "main" | "timeout"): void => {
      const [start, end] = [startOf(path), lastOf(path)].map((n) => mine.seen[n]?.time);
      const match = copyOf(capturesOf(pattern, mine.seen, path));
      const time = (moment - 1) as EventInfo["time"];
      host.give({ key: mine.key, match, start, end }, { id: nextId(), time, key: mine.key }, port);
    };
    /** Those that no earlier one has ended. */
    const giveMatches = (paths: readonly Path[]): void => {
      for (const path of paths.toSorted(byPath)) {
        if (isEnded(mine, path)) continue;
        mine.ended = [...mine.ended, { from: startOf(path), to: skipsTo(path) }];
        give(path, "main");
      }
    };
    const runOut = (upTo: number): void => {
      for (let deadline = deadlineOf(mine); deadline <= upTo; deadline = deadlineOf(mine)) {
        const over = mine.now.waiting.filter(({ path }) => endOf(mine.seen, startOf(path)) <= deadline);
        giveMatches(over.filter(({ target }) => target.step === undefined).map(({ path }) => path));
        const cut = over
          .map(({ path }) => path)
          .filter((path) => !targetsOf(pattern, path).some(({ step }) => step === undefined))
          .filter((path, i, all) => all.findIndex((one) => byPath(one, path) === 0) === i);
        for (const path of cut.sort(byPath)) if (!isEnded(mine, path)) give(path, "timeout");
        mine.toldTo = deadline;
        mine.now = look(mine, mine.seen);
      }
    };
    const next = (event: Seen): void => {
      const seen = [...mine.seen, event];
      try {
        const now = look(mine, seen);
        if (now.waiting.length > most)
          throw new MillraceError("PATTERN_RUNS", "too many matches under way", { next: "dead-lettered" });
        mine.now = now;
      } catch (thrown) {
        const time = event.time as EventInfo["time"];
        host.fail(event.value, thrown, { id: nextId(), time, key: mine.key });
        return;
      }
      mine.seen = seen;
      giveMatches(mine.now.ended);
      mine.now = look(mine, seen);
    };
    const due = mine.waiting.filter(({ time }) => time < moment).toSorted((a, b) => a.time - b.time);
    mine.waiting = mine.waiting.filter((one) => !due.includes(one));
    for (const event of due) {
      runOut(event.time);
      next(event);
    }
    runOut(moment);
  };

  return {
    take(value, info) {
      if (info.time < host.watermark()) {
        host.late(value, info);
        return;
      }
      if (!isTaken(value, info, host)) return;
      const mine = keys.of(info.key);
      mine.waiting = [...mine.waiting, { time: info.time, value: copyOf(value) }];
    },
    nextMoment: () =>
      Math.min(
        Number.POSITIVE_INFINITY,
        ...keys.all.flatMap((mine) => [deadlineOf(mine), ...mine.waiting.map(({ time }) => time + 1)]),
      ),
    reach(moment) {
      for (const mine of keys.all.toSorted((a, b) => byKey(a.key, b.key))) advance(mine, moment);
    },
    nextShowing: () => Number.POSITIVE_INFINITY,
    show() {},
  };
}

const startOf = (path: Path): number => path[0]?.[1] ?? 0;
const lastOf = (path: Path): number => path.at(-1)?.[1] ?? 0;

const isEnded = ({ ended }: Mine, path: Path): boolean =>
  ended.some(({ from, to }) => from <= startOf(path) && startOf(path) <= to);
