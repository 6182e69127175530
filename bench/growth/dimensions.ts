/** What one measurement runs; all else is as in `USUAL`. */
export type Workload = {
  readonly events: number;
  readonly keys: number;
  readonly windowMs: number;
  /** Windows that an event is in. */
  readonly overlap: number;
  /** Counts can be joined from slices; sums are added to each window. */
  readonly aggregate: "count" | "sum";
  /** How far the watermark is behind: so many windows stay open. */
  readonly outOfOrderMs: number;
  /** How far an event is behind at most; a random one is half as far. */
  readonly disorderMs: number;
  /** Characters of a text in each event that no operator reads. */
  readonly valueChars: number;
  /** Events come as objects, or as JSON lines that are read whole, or as far as the pipeline selects. */
  readonly source: "objects" | "lines" | "selected lines";
  readonly partitions: number;
  /** Whether each batch ends in what its log entry would say; a bounded run has no log. */
  readonly logged: boolean;
};

export const USUAL: Workload = {
  events: 200_000,
  keys: 1_000,
  windowMs: 10_000,
  overlap: 1,
  aggregate: "count",
  outOfOrderMs: 0,
  disorderMs: 0,
  valueChars: 0,
  source: "objects",
  partitions: 1,
  logged: true,
};

/** One curve: what is varied, over which values. */
type Curve = { readonly name: string; readonly points: readonly (readonly [x: number, Workload])[] };
export type Dimension = { readonly name: string; readonly unit: string; readonly curves: readonly Curve[] };

const curve = (name: string, values: readonly number[], at: (x: number) => Partial<Workload>): Curve => ({
  name,
  points: values.map((x) => [x, { ...USUAL, ...at(x) }]),
});

const TENS = [1, 10, 100, 1_000];
const OVERLAPS = [1, 2, 5, 10, 30, 60];
const SIZES = [10, 100, 1_000, 10_000];
/** Lines of this many characters in all, or at least a thousand lines. */
const linesOf = (chars: number): number =>
  Math.max(20_000, Math.min(200_000, Math.floor(2e8 / (chars + 60))));

/** An event is 0.1 ms of event time. */
export const DIMENSIONS: readonly Dimension[] = [
  {
    name: "keys",
    unit: "keys",
    curves: [
      curve("keys", [100, 1_000, 10_000, 100_000, 1_000_000], (keys) => ({
        keys,
        events: 1_000_000,
        windowMs: 100_000,
      })),
    ],
  },
  {
    name: "window overlap",
    unit: "size / slide",
    curves: [
      curve("count, by slices", OVERLAPS, (overlap) => ({ overlap, windowMs: 6_000 })),
      curve("sum, in rows", OVERLAPS, (overlap) => ({
        overlap,
        windowMs: 6_000,
        aggregate: "sum",
      })),
    ],
  },
  {
    name: "open windows",
    unit: "windows",
    curves: [curve("open", TENS, (x) => ({ windowMs: 1_000, outOfOrderMs: x * 1_000, keys: 100 }))],
  },
  {
    name: "disorder",
    unit: "s behind, at most",
    curves: [
      curve("behind", [0.01, 0.1, 1, 10, 100], (x) => ({
        windowMs: 1_000,
        keys: 100,
        outOfOrderMs: 100_000,
        disorderMs: x * 1_000,
      })),
    ],
  },
  {
    name: "value size",
    unit: "characters nobody reads",
    curves: [
      curve("lines read whole", SIZES, (x) => ({ valueChars: x, source: "lines", events: linesOf(x) })),
      curve("as far as selected", SIZES, (x) => ({
        valueChars: x,
        source: "selected lines",
        events: linesOf(x),
      })),
    ],
  },
  {
    name: "partitions",
    unit: "partitions",
    curves: [curve("partitions", [1, 4, 16, 64, 256], (partitions) => ({ partitions, keys: 10_000 }))],
  },
];
