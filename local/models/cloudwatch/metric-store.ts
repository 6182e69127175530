import type { EpochMs } from "../../../shared/time/time.ts";
import { Sketch } from "./sketch.ts";

export type Dimensions = Readonly<Record<string, string>>;

/** What a metric is known by. Two metrics that differ in one dimension have nothing to do with each other. */
export type MetricId = {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Dimensions;
};

/** Values of one metric, each `count` times. */
export type Sample = MetricId & {
  readonly at: EpochMs;
  readonly value: number;
  /** @default 1 */
  readonly count?: number;
  readonly unit?: string;
};

const MINUTE_MS = 60_000;
/** AWS keeps minutes for 15 days; one day of them is enough to look back on a laptop, and bounded. */
const MINUTES_KEPT = 24 * 60;

type Series = { readonly id: MetricId; readonly minutes: Map<number, Sketch>; unit: string | undefined };

/** Samples of all metrics by minutes, CloudWatch's finest standard resolution. */
export class MetricStore {
  readonly #series = new Map<string, Series>();

  record({ at, value, count = 1, unit, ...id }: Sample): void {
    const { minutes } = this.#seriesOf(id, unit);
    const minute = Math.floor(at / MINUTE_MS);
    let sketch = minutes.get(minute);
    if (sketch === undefined) {
      sketch = new Sketch();
      minutes.set(minute, sketch);
      for (const old of minutes.keys()) {
        if (minutes.size <= MINUTES_KEPT) break;
        minutes.delete(old);
      }
    }
    sketch.add(value, count);
  }

  /** What was recorded in [from, to), both rounded down to minutes; undefined where nothing was. */
  between(id: MetricId, from: number, to: number): Sketch | undefined {
    const series = this.#series.get(keyOf(id));
    if (series === undefined) return undefined;
    let sum: Sketch | undefined;
    for (let minute = Math.floor(from / MINUTE_MS); minute < Math.floor(to / MINUTE_MS); minute++) {
      const sketch = series.minutes.get(minute);
      if (sketch !== undefined) sum = (sum ?? new Sketch()).merged(sketch);
    }
    return sum;
  }

  unitOf(id: MetricId): string | undefined {
    return this.#series.get(keyOf(id))?.unit;
  }

  metrics(): readonly MetricId[] {
    return [...this.#series.values()].map(({ id }) => id);
  }

  #seriesOf(id: MetricId, unit: string | undefined): Series {
    const key = keyOf(id);
    let series = this.#series.get(key);
    if (series === undefined) {
      series = { id, minutes: new Map(), unit };
      this.#series.set(key, series);
    }
    series.unit ??= unit;
    return series;
  }
}

const keyOf = ({ namespace, name, dimensions }: MetricId): string =>
  JSON.stringify([namespace, name, Object.entries(dimensions).sort(([a], [b]) => (a < b ? -1 : 1))]);
