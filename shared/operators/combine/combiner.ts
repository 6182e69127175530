import type { EventInfo, Key } from "../../events/event.ts";
import { BEGINNING_OF_TIME, type DurationMs, type EpochMs } from "../../time/time.ts";
import type { Accumulator } from "../aggregate.ts";
import { CompositeAggregate } from "../cell.ts";
import { newestStart } from "../window.ts";
import { type Partial, Partials } from "./partial.ts";
import { COMBINED_EDGE, type CombineSpec, type Row, sliceOf } from "./spec.ts";
import { weightOf } from "./weight.ts";

/** A heavier row goes as it is: it might fit no record, which only the outbox finds out. */
const MOST_OF_ROW = 50_000;
/** Rows that are combined into one weigh so much at most, and so does what is made of them: it fits a record. */
const MOST_OF_GROUP = 100_000;
/** What stands beside a row's value: its key and time. */
const BESIDE = 30;

/** Rows of one key and slice that become one. */
type Group = {
  readonly key: Key;
  readonly slice: EpochMs;
  /** The newest of its rows' times. */
  time: EpochMs;
  /** Events that its rows stand for. */
  events: number;
  weight: number;
  /** Places of its rows among those of the commit. */
  readonly places: number[];
  readonly sums: Accumulator[];
  /** An aggregate threw, and nobody knows what the sums hold. */
  spoilt: boolean;
};

/**
 * Combines the rows that one commit has for one partition, before they are sent: of each key and slice one row of
 * partial results, where these are lighter than the rows that they stand for (local aggregation, as in Flink's MiniBatch
 * and Beam's combiner lifting). It keeps nothing between commits.
 *
 * What comes of it at the receiver is what would come of the rows. So a row goes as it is
 * - where it may be late there: its slice ends at or before the watermark that the receiver was told last;
 * - where a selector throws, or asks for an id, which only the receiver gives it;
 * - where its value is not plain data: whether a log can keep it is found out by those who send it.
 */
export class Combiner {
  readonly #slice: DurationMs;
  /** Windows have several slices, and it shows in which order events of different ones came. */
  readonly #inOrder: boolean;
  readonly #aggregate: CompositeAggregate;
  readonly #partials: Partials;
  readonly #info = new RowInfo();
  readonly #extracted: unknown[] = [];

  constructor(spec: CombineSpec) {
    this.#slice = sliceOf(spec.window);
    this.#inOrder =
      spec.window.size > this.#slice &&
      Object.values(spec.aggregates).some(
        ({ combines, divisible }) => combines === "values" && divisible !== true,
      );
    this.#aggregate = new CompositeAggregate(spec.aggregates);
    this.#partials = new Partials(spec.aggregates);
  }

  /**
   * @param told - the watermark that the receiver was told last; its own is not beyond it
   * @param always - whether to combine what can be, whatever it weighs
   */
  combined(rows: readonly Row[], told: EpochMs, always = false): Row[] {
    const most = always ? Number.POSITIVE_INFINITY : MOST_OF_GROUP;
    const out: (Row | undefined)[] = [...rows];
    const groups: Group[] = [];
    const open = new Map<EpochMs, Map<Key, Group>>();
    for (let at = 0; at < rows.length; at += 1) {
      const row = rows[at] as Row;
      const [edge, key, time, value] = row;
      const slice = newestStart(this.#slice, time);
      const scope = this.#inOrder ? BEGINNING_OF_TIME : slice;
      let ofScope = open.get(scope);
      if (ofScope === undefined) {
        ofScope = new Map();
        open.set(scope, ofScope);
      }
      const isSafe = slice + this.#slice > told && Number.isFinite(time);
      const isKnown = isSafe && (edge === COMBINED_EDGE || this.#extract(row));
      const weight = isKnown ? weightOf(value, MOST_OF_ROW) : undefined;
      if (weight === undefined) {
        // those after this one must stay after it
        ofScope.delete(key);
        continue;
      }
      let group = ofScope.get(key);
      if (group === undefined || group.slice !== slice || group.weight > most) {
        const sums = this.#partials.create();
        group = { key, slice, time, events: 0, weight: 0, places: [], sums, spoilt: false };
        ofScope.set(key, group);
        groups.push(group);
      }
      this.#add(group, row, at, weight + BESIDE);
    }
    const offers = groups.flatMap((group) => this.#offer(group, always));
    const isLighter = ({ own, group }: Offer): boolean => always || own <= group.weight;
    // rows that are alike travel by columns: where all of them together are lighter, none goes as it is
    const all = sumOf(offers, ({ own }) => own) <= sumOf(offers, ({ group }) => group.weight);
    for (const offer of offers) if (all || isLighter(offer)) place(offer, out);
    return out.filter((row) => row !== undefined);
  }

  /** Whether the selectors give of the row what they would give at the receiver. */
  #extract([, key, time, value]: Row): boolean {
    const info = this.#info;
    info.begin(key, time);
    try {
      this.#aggregate.extract(value, info, this.#extracted);
      return !info.asked;
    } catch {
      // The row goes as it is: the window itself meets the error, and its policy says what comes of it.
      return false;
    }
  }

  #add(group: Group, [edge, , time, value]: Row, place: number, weight: number): void {
    group.places.push(place);
    group.weight += weight;
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

  /** The one row that a group could be, where it surely fits a record. */
  #offer(group: Group, always: boolean): Offer[] {
    const { events, sums, spoilt, weight } = group;
    if (spoilt) return [];
    const partial = this.#partials.pack(events, sums);
    const own = weightOf(partial, always ? Number.MAX_SAFE_INTEGER : Math.max(weight, MOST_OF_ROW));
    return own === undefined ? [] : [{ group, partial, own: own + BESIDE }];
  }
}

/** A group, the row that it could be, and its weight. */
type Offer = { readonly group: Group; readonly partial: Partial; readonly own: number };

/** Puts a group's one row where its first one stood. */
function place({ group: { key, time, places }, partial }: Offer, out: (Row | undefined)[]): void {
  for (const at of places) out[at] = undefined;
  out[places[0] ?? 0] = [COMBINED_EDGE, key, time, partial];
}

const sumOf = (offers: readonly Offer[], of: (offer: Offer) => number): number =>
  offers.reduce((sum, offer) => sum + of(offer), 0);

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
