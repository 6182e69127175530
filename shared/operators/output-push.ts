import { MillraceError } from "../errors/millrace-error.ts";
import type { Key } from "../events/event.ts";
import { appendTo } from "../state/lists.ts";
import { guarded } from "./guarded.ts";
import type { Host } from "./host.ts";
import { canKeep, checkPlace, MAX_VIEW_ROW_CHARS } from "./keepable.ts";
import { lakeFolders, NO_FOLDERS } from "./lake-row.ts";
import type { Push } from "./operator.ts";
import type { Outputs, TakeRow } from "./outputs.ts";
import type { LakeSpec, ViewSpec } from "./spec.ts";
import type { FeedSpec } from "./stage.ts";

/** Where a batch's outputs go: into its entry, or to who takes them at once. */
export type Giving = {
  readonly outputs: () => Outputs;
  readonly feed: ((spec: FeedSpec) => TakeRow) | undefined;
  readonly tableRows: ((sink: string) => Push) | undefined;
};

/** Hands rows on to another stage. */
export function feedPush(host: Host, spec: FeedSpec, { outputs, feed }: Giving): Push {
  const { context } = host;
  const take = feed?.(spec);
  if (take !== undefined) return keeping(host, (value) => take(context.key, context.time, value));
  return keeping(host, (value) => {
    appendTo(outputs().feeds, spec.stage, [spec.edge, context.key, context.time, value]);
  });
}

/** Gives rows to a lake table. */
export function lakePush(host: Host, sink: LakeSpec, { outputs, tableRows }: Giving): Push {
  const { fail } = host;
  const take = tableRows?.(sink.name);
  if (take !== undefined)
    return keeping(
      host,
      guarded(fail, lakeFolders(sink), (_, row) => take(row)),
    );
  const whole = `${sink.name} {}`;
  return keeping(
    host,
    guarded(fail, lakeFolders(sink), (folders, row) => {
      const { lake } = outputs();
      const place = folders === NO_FOLDERS ? whole : `${sink.name} ${JSON.stringify(folders)}`;
      const file = lake.get(place);
      if (file === undefined) lake.set(place, [sink.name, folders, [row]]);
      else file[2].push(row);
    }),
  );
}

/** Gives rows to a view, of which the last of each place counts. */
export function viewPush(host: Host, sink: ViewSpec, { outputs }: Giving): Push {
  const write = guarded(
    host.fail,
    (value) => viewRow(sink, value),
    ([place, row]) => {
      const { views } = outputs();
      let rows = views.get(sink.name);
      if (rows === undefined) {
        rows = new Map();
        views.set(sink.name, rows);
      }
      rows.set(place, row);
    },
  );
  return keeping(host, write, MAX_VIEW_ROW_CHARS);
}

/**
 * Takes a value into the outputs. Where the batch is folded with care, because something in it could not be
 * kept, each value is tried on its own and the one at fault becomes a failed event.
 */
function keeping(host: Host, take: Push, maxChars?: number): Push {
  return (value) => {
    if (canKeep(host, value, maxChars)) take(value);
  };
}

function viewRow(sink: ViewSpec, value: unknown): [string, readonly [Key, Key, unknown]] {
  const key = sink.key(value);
  const sort = sink.sort(value);
  for (const part of [key, sort])
    if (typeof part !== "string" && typeof part !== "number")
      throw new MillraceError("KEY_TYPE", `view "${sink.name}": key and sort must be strings or numbers`, {
        next: "dead-lettered",
      });
  checkPlace(sink.name, key, sort);
  const retracted = (value as { pane?: { timing?: string } } | null)?.pane?.timing === "retracted";
  return [placeOf(key, sort), [key, sort, retracted ? undefined : value]];
}

/** One text per key and sort; the key's length keeps `ab`, `c` apart from `a`, `bc`. */
const placeOf = (key: Key, sort: Key): string =>
  `${typeof key} ${String(key).length} ${key} ${typeof sort} ${sort}`;
