/** A row of the table in docs/semantics.md: what Millrace does otherwise than another system, on purpose, and why. */
export type Difference = {
  readonly what: string;
  readonly millrace: string;
  readonly beam: string;
  readonly flink: string;
  readonly kafka: string;
  readonly why: string;
};

const SAME = "as Millrace";
const NONE = "none";

export type DifferenceId =
  | "before-epoch"
  | "no-offset"
  | "sliding-by-event"
  | "session-gap"
  | "session-close"
  | "session-bounds"
  | "session-lateness"
  | "dynamic-gap"
  | "session-result-time"
  | "retraction"
  | "retraction-content"
  | "watermark-per-event"
  | "early-clock"
  | "emit-per-update"
  | "count-and-time"
  | "empty-on-time"
  | "late-output"
  | "lateness-downstream"
  | "grace-is-one"
  | "idle"
  | "stream-time"
  | "dedupe-scope";

export const DIFFERENCES: Readonly<Record<DifferenceId, Difference>> = {
  "before-epoch": {
    what: "times before 1970",
    millrace: "ordinary times",
    beam: SAME,
    flink: SAME,
    kafka: "dropped; windows begin at zero",
    why: "history is data, too",
  },
  "no-offset": {
    what: "windows moved against the epoch",
    millrace: NONE,
    beam: "an offset",
    flink: "an offset",
    kafka: SAME,
    why: "days of a time zone have 23 or 25 hours: an offset would be wrong twice a year",
  },
  "sliding-by-event": {
    what: "windows that begin and end with each event",
    millrace: NONE,
    beam: SAME,
    flink: SAME,
    kafka: "`SlidingWindows`",
    why: "state per event; hopping windows answer most of these questions with state per hop",
  },
  "session-gap": {
    what: "events of a session exactly the gap apart",
    millrace: "share it",
    beam: "do not",
    flink: SAME,
    kafka: SAME,
    why: "[decision 8](decisions/0008-sessions-merge-at-exactly-the-gap.md)",
  },
  "session-close": {
    what: "when a session is over",
    millrace: "the watermark is a millisecond beyond its end",
    beam: "at its end",
    flink: "at its end",
    kafka: SAME,
    why: "an event at the end still joins; whether it does must not depend on who moved the watermark first",
  },
  "session-bounds": {
    what: "the window of a session",
    millrace: "[first, last + gap)",
    beam: SAME,
    flink: SAME,
    kafka: "[first, last], both included",
    why: "half-open as all other windows",
  },
  "session-lateness": {
    what: "whether an event is too late for a session",
    millrace: "by the session that it makes",
    beam: "by the event alone",
    flink: SAME,
    kafka: SAME,
    why: "the session is there and still changes; its event is part of it",
  },
  "dynamic-gap": {
    what: "a gap of each event's own",
    millrace: "`customWindows` that merge",
    beam: NONE,
    flink: "`withDynamicGap`",
    kafka: NONE,
    why: "a function that chooses a window does more than one that chooses a gap",
  },
  "session-result-time": {
    what: "event time of a session's result",
    millrace: "its end",
    beam: "a millisecond before its end",
    flink: "a millisecond before its end",
    kafka: "its last event",
    why: "the session is over after its end; an earlier time could be late for a window behind it",
  },
  retraction: {
    what: "a session that was shown and then changes its bounds",
    millrace: "a `retracted` pane, then the larger session",
    beam: "the larger session only; retractions are in the paper, not in the SDK",
    flink: "the larger session only",
    kafka: "a null for the old one, then the larger session",
    why: "a view must not show both",
  },
  "retraction-content": {
    what: "what a retraction holds",
    millrace: "the session as it stands, events since its last pane included",
    beam: "in the paper, the value that was given before",
    flink: NONE,
    kafka: "null",
    why: "it says which row goes; keeping what was shown would double the state",
  },
  "watermark-per-event": {
    what: "when the watermark moves",
    millrace: "with each event, in the order of the log",
    beam: "as the source and the runner have it",
    flink: "periodically",
    kafka: SAME,
    why: "what is late must be the same in a replay",
  },
  "early-clock": {
    what: "early panes by time",
    millrace: "by stream time, at multiples of the interval; or by processing time, as the log has it",
    beam: "by the machine's clock, so long after the first event of a pane",
    flink: "by the machine's clock, at multiples of the interval, new events or not",
    kafka: "by none: see the next row",
    why: "a replay must fire the same ones ([decision 4](decisions/0004-early-panes-by-stream-time.md), [19](decisions/0019-early-panes-by-processing-time.md))",
  },
  "emit-per-update": {
    what: "results without a trigger",
    millrace: "one, at the watermark",
    beam: SAME,
    flink: SAME,
    kafka: "one for every record; the last alone with `suppress`",
    why: "a final result by default; `early: { events: 1 }` gives every update",
  },
  "count-and-time": {
    what: "panes by count",
    millrace: "besides the one at the watermark",
    beam: "as they are composed",
    flink: "instead of the one at the watermark",
    kafka: NONE,
    why: "a count that is never reached must not keep the result back",
  },
  "empty-on-time": {
    what: "on-time pane of a discarding window with nothing new",
    millrace: NONE,
    beam: "an empty one by default",
    flink: "none: a purging trigger replaces the one at the watermark",
    kafka: NONE,
    why: "panes add up without it, and a sum of nothing is a row that says nothing",
  },
  "late-output": {
    what: "events too late for any window",
    millrace: "always counted, and given to `late`",
    beam: "dropped",
    flink: "dropped, or a side output where asked for",
    kafka: "dropped, with a metric",
    why: "nothing is lost in silence",
  },
  "lateness-downstream": {
    what: "allowed lateness of a window behind a window",
    millrace: "its own",
    beam: "inherited, unless set",
    flink: SAME,
    kafka: SAME,
    why: "what a window keeps is read where the window is written",
  },
  "grace-is-one": {
    what: "waiting for disorder and taking late events",
    millrace: "two options: `outOfOrder` and `allowedLateness`",
    beam: SAME,
    flink: SAME,
    kafka: "one: `grace`",
    why: "a first result soon and corrections later need both",
  },
  idle: {
    what: "a partition without events",
    millrace: "holds the watermark; with `idle` its own watermark goes on by steps",
    beam: "as the source has it",
    flink: "holds it; with `withIdleness` it is left out",
    kafka: "does not matter to stream time",
    why: "left out, it makes its next events late at once; by steps, it keeps its out-of-orderness",
  },
  "stream-time": {
    what: "time behind a union or shuffle",
    millrace: "the least of all upstream watermarks",
    beam: SAME,
    flink: SAME,
    kafka: "the highest time of any record of the task",
    why: "the slowest upstream decides what is late, not the fastest",
  },
  "dedupe-scope": {
    what: "what a repeat is compared with",
    millrace: "all of its partition, `within` event time",
    beam: "its window, by best effort",
    flink: NONE,
    kafka: NONE,
    why: "a repeat on the other side of a window's end is a repeat",
  },
};
