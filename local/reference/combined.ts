import type { Key } from "../../shared/events/event.ts";
import { textOf } from "./differences.ts";
import type { SentRow } from "./history.ts";
import { sameKey } from "./keys.ts";
import type { Row } from "./partition.ts";
import type { Feed } from "./stage.ts";
import { alignedOf, cumulatingOf } from "./windows.ts";

/**
 * Puts a commit's rows for one partition into the places of those that it sent in their stead: a row in its own, and in
 * the place of one that stands for several, the rows that it stands for: the oldest that are left of its key and in its
 * windows. They then count as if each had been sent, so that it is nothing to the reference how they were combined.
 */
export function placesOf(
  rows: readonly Row[],
  sent: readonly SentRow[],
  combine: Feed["combine"],
): { readonly places: (Row | readonly Row[])[]; readonly wrong: string | undefined } {
  if (combine === undefined)
    return {
      places: [...rows],
      wrong: rows.length === sent.length ? undefined : `${sent.length} rows where ${rows.length} are right`,
    };
  const left: (Row | undefined)[] = [...rows];
  const wrong: string[] = [];
  const taken = (matches: (row: Row) => boolean): Row | undefined => {
    const at = left.findIndex((row) => row !== undefined && matches(row));
    const row = at < 0 ? undefined : left[at];
    if (at >= 0) left[at] = undefined;
    return row;
  };
  const named = ({ key, time }: { readonly key: Key; readonly time: number }): string => `${key} at ${time}`;
  const places: (Row | readonly Row[])[] = sent.map((one) => {
    if ("events" in one) return [];
    const text = textOf(one.value);
    const row = taken(
      ({ key, time, value }) => sameKey(key, one.key) && time === one.time && textOf(value) === text,
    );
    if (row === undefined) wrong.push(`a row that is none of them, ${named(one)}`);
    return row ?? [];
  });
  for (const [i, one] of sent.entries()) {
    if (!("events" in one)) continue;
    const isOne = oneOf(combine, one);
    const some = Array.from({ length: one.events }, () =>
      taken(({ key, time }) => sameKey(key, one.key) && isOne(time)),
    ).filter((row) => row !== undefined);
    const times = some.map(({ time }) => time);
    const isWhole = one.from === undefined || Math.min(...times) === one.from;
    if (some.length < one.events || Math.max(...times) !== one.time || !isWhole)
      wrong.push(`${named(one)} stands for ${one.events} events, and that they are not`);
    places[i] = some;
  }
  for (const row of left) if (row !== undefined) wrong.push(`none for ${named(row)}`);
  return { places, wrong: wrong.length === 0 ? undefined : wrong.slice(0, 3).join("; ") };
}

/** Whether a time can be one of those that a combined row stands for: its windows are the same, or it lies between them. */
function oneOf(
  combine: NonNullable<Feed["combine"]>,
  { time: newest, from = newest }: { readonly time: number; readonly from?: number | undefined },
): (time: number) => boolean {
  if (combine.window.kind === "session") return (time) => from <= time && time <= newest;
  const windows = windowsAt(combine.window, newest);
  return (time) => windowsAt(combine.window as Sliced, time) === windows;
}

type Sliced = Exclude<NonNullable<Feed["combine"]>["window"], { readonly kind: "session" }>;

/** The windows of a time, as a text. */
function windowsAt(window: Sliced, time: number): string {
  switch (window.kind) {
    case "global":
      return "all";
    case "tumbling":
      return textOf(alignedOf(time, window.size, window.size));
    case "hopping":
      return textOf(alignedOf(time, window.size, window.slide));
    case "cumulating":
      return textOf(cumulatingOf(time, window.size, window.step));
  }
}
