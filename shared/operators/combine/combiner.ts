import type { EventInfo, Key } from "../../events/event.ts";
import { BEGINNING_OF_TIME, type DurationMs, type EpochMs } from "../../time/time.ts";
import { CompositeAggregate } from "../cell.ts";
import { type Group, openGroupsFor } from "./groups.ts";
import { type Partial, Partials } from "./partial.ts";
import { COMBINED_EDGE, type CombineSpec, type Row } from "./spec.ts";
import { weightOf } from "./weight.ts";

/** A heavier row goes as it is: it might fit no record, which only the outbox finds out. */
const MOST_OF_ROW = 50_000;
/** Rows that are combined into one weigh so much at most, and so does what is made of them: it fits a record. */
const MOST_OF_GROUP = 100_000;
/** So many rows tell whether it is worth it: where more than so many of them would be left, and are hardly lighter, not. */
const TRIAL = 500;
const MOST_LEFT = 0.85;
const LIGHT = 0.7;
/** What stands beside a row's value: its key and time. */
const BESIDE = 30;

/**
 * Combines the rows that one commit has for one partition, before they are sent: of each key and slice one row of
 * partial results, where these are lighter than the rows that they stand for (local aggregation, as in Flink's MiniBatch
 * and Beam's combiner lifting). Of sessions it is one for what is in one session, whichever that will be. It keeps
 * nothing between commits.
 *
 * What comes of it at the receiver is what would come of the rows. So a row goes as it is
 * - where it may be late there: its slice, or what it makes of a session, ends at or before the watermark that the
 *   receiver was told last;
 * - where a selector throws, or asks for an id, which only the receiver gives it;
 * - where its value is not plain data: whether a log can keep it is found out by those who send it;
 * - where it shows its windows, or brings stream time to a moment at which early panes are shown.
 */
export class Combiner {
  readonly #spec: CombineSpec;
  readonly #intervals: readonly DurationMs[];
  readonly #aggregate: CompositeAggregate;
  readonly #partials: Partials;
  readonly #info = new RowInfo();
  readonly #extracted: unknown[] = [];

  constructor(spec: CombineSpec) {
    this.#spec = spec;
    this.#intervals = spec.intervals ?? [];
    this.#aggregate = new CompositeAggregate(spec.aggregates);
    this.#partials = new Partials(spec.aggregates, spec.window.kind === "session");
  }

  /**
   * @param told - the watermark that the receiver was told last; its own is not beyond it
   * @param always - whether to combine what can be, whatever it weighs
   */
  combined(rows: readonly Row[], told: EpochMs, always = false): Row[] {
    const most = always ? Number.POSITIVE_INFINITY : MOST_OF_GROUP;
    const out: (Row | undefined)[] = [...rows];
    const groups: Group[] = [];
    const open = openGroupsFor(this.#spec, (into, from) => this.#join(into, from));
    let newest = BEGINNING_OF_TIME;
    for (let at = 0; at < rows.length; at += 1) {
      if (at === TRIAL && !always && !this.#isWorthIt(groups)) return out as Row[];
      const row = rows[at] as Row;
      const [edge, key, time, value] = row;
      if (time > newest) {
        const isShown = this.#intervals.some((every) => reaches(every, newest, time));
        newest = time;
        if (isShown) {
          open.endAll();
          continue;
        }
      }
      const from = edge === COMBINED_EDGE ? fromOf(row) : time;
      const isSafe = open.isSafe(from, told) && Number.isFinite(time);
      const isKnown = isSafe && (edge === COMBINED_EDGE || this.#extract(row));
      const weight = isKnown ? weightOf(value, MOST_OF_ROW) : undefined;
      if (weight === undefined) {
        open.end(key, time);
        continue;
      }
      let group = open.find(key, from, time);
      if (group !== undefined && group.weight > most) {
        open.end(key, time);
        group = undefined;
      }
      if (group === undefined) {
        const sums = this.#partials.create();
        group = { key, from, time, events: 0, weight: 0, places: [], sums, spoilt: false };
        open.open(group);
        groups.push(group);
      }
      this.#add(group, row, from, at, weight + BESIDE);
    }
    const offers = groups.flatMap((group) => this.#offer(group, always));
    const isLighter = ({ own, group }: Offer): boolean => always || own <= group.weight;
    // rows that are alike travel by columns: where all of them together are lighter, none goes as it is
    const all = sumOf(offers, ({ own }) => own) <= sumOf(offers, ({ group }) => group.weight);
    for (const offer of offers) if (all || isLighter(offer)) place(offer, out);
    return out.filter((row) => row !== undefined);
  }

  /** Whether the first rows become few, or light: else it costs more than it saves. */
  #isWorthIt(groups: readonly Group[]): boolean {
    const alive = groups.filter(({ places }) => places.length > 0);
    const before = sumOf(alive, ({ places }) => places.length);
    if (alive.length < MOST_LEFT * before) return true;
    const offers = alive.flatMap((group) => this.#offer(group, false));
    return sumOf(offers, ({ own }) => own) < LIGHT * sumOf(offers, ({ group }) => group.weight);
  }

  /** Whether the selectors give of the row what they would give at the receiver, and nothing is shown with it. */
  #extract([, key, time, value]: Row): boolean {
    const info = this.#info;
    const { when } = this.#spec;
    info.begin(key, time);
    try {
      this.#aggregate.extract(value, info, this.#extracted);
      const shows = when?.(value, info) ?? false;
      return !shows && !info.asked;
    } catch {
      // The row goes as it is: the window itself meets the error, and its policy says what comes of it.
      return false;
    }
  }

  #add(group: Group, [edge, , time, value]: Row, from: EpochMs, place: number, weight: number): void {
    group.places.push(place);
    group.weight += weight;
    if (from < group.from) group.from = from;
    if (time > group.time) group.time = time;
    if (group.spoilt) return;
    try {
      if (edge === COMBINED_EDGE) {
        const partial = this.#partials.checked(value);
        this.#partials.join(group.sums, partial);
        group.events += partial.n;
      } else {
        this.#partials.add(group.sums, this.#extracted, this.#info);
        group.events += 1;
      }
    } catch {
      // Its rows go as they are: whoever adds them to a window meets the same.
      group.spoilt = true;
    }
  }

  /** Makes two groups one, of which the other is over. */
  #join(into: Group, other: Group): void {
    into.places = [...into.places, ...other.places].sort((a, b) => a - b);
    into.weight += other.weight;
    if (other.from < into.from) into.from = other.from;
    if (other.time > into.time) into.time = other.time;
    into.spoilt ||= other.spoilt;
    into.events += other.events;
    other.places = [];
    if (into.spoilt) return;
    try {
      this.#partials.join(into.sums, this.#partials.pack(other));
    } catch {
      into.spoilt = true;
    }
  }

  /** The one row that a group could be, where it surely fits a record. */
  #offer(group: Group, always: boolean): Offer[] {
    const { spoilt, weight, places } = group;
    if (spoilt || places.length === 0) return [];
    const partial = this.#partials.pack(group);
    const own = weightOf(partial, always ? Number.MAX_SAFE_INTEGER : Math.max(weight, MOST_OF_ROW));
    return own === undefined ? [] : [{ group, partial, own: own + BESIDE }];
  }
}

/** Whether a multiple of the interval lies behind one time, and not behind the other. */
const reaches = (every: DurationMs, before: EpochMs, now: EpochMs): boolean =>
  Math.floor(now / every) > Math.floor(before / every);

/** The oldest time of what a combined row stands for, as far as it says that. */
const fromOf = ([, , time, value]: Row): EpochMs => (value as Partial | undefined)?.from ?? time;

/** A group, the row that it could be, and its weight. */
type Offer = { readonly group: Group; readonly partial: Partial; readonly own: number };

/** Puts a group's one row where its first one stood. */
function place({ group: { key, time, places }, partial }: Offer, out: (Row | undefined)[]): void {
  for (const at of places) out[at] = undefined;
  out[places[0] ?? 0] = [COMBINED_EDGE, key, time, partial];
}

const sumOf = <T>(all: readonly T[], of: (one: T) => number): number =>
  all.reduce((sum, one) => sum + of(one), 0);

/** What a selector is told of a row. Its id is not known here; `asked` says that it was asked for. */
class RowInfo implements EventInfo {
  key: Key = "";
  time = 0 as EpochMs;
  declare readonly id: string;
  #asked = false;

  constructor() {
    // a property of the object itself, so that a copy of it asks too
    Object.defineProperty(this, "id", {
      enumerable: true,
      get: () => {
        this.#asked = true;
        return "";
      },
    });
  }

  get asked(): boolean {
    return this.#asked;
  }

  begin(key: Key, time: EpochMs): void {
    this.key = key;
    this.time = time;
    this.#asked = false;
  }
}
