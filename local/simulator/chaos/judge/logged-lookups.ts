import type { Key } from "../../../../shared/events/event.ts";
import { rowsKept } from "../../../../shared/operators/lookup/looked-up.ts";
import type { LookupSession } from "../../../../shared/protocol/lookup/sessions.ts";
import { placeOf } from "../../../../shared/protocol/record.ts";
import { BEGINNING_OF_TIME } from "../../../../shared/time/time.ts";
import type { TakenEntry } from "./taken.ts";

/**
 * Says of each record what the entry that took it keeps: a replay meets the rows that the run met. What it lacks besides
 * is given no row. A pass over a batch that is then folded with care may look up what the other does not (a session's
 * pane that it takes back for an event that fails), and nothing comes of it; an entry that has not kept what it should
 * replays as another.
 */
export function loggedLookups(entries: readonly TakenEntry[]): LookupSession {
  const byRecord = new Map(
    entries.flatMap(({ item, pieces }) => {
      const kept = new Map(
        (item.entry.lookedUp ?? []).map(([table, keys]) => [
          table,
          new Map(keys.map(([key, ...rows]) => [key, rowsKept(rows)])),
        ]),
      );
      return pieces.map((piece) => [placeOf(piece).join(":"), kept] as const);
    }),
  );
  const besides = new Set<string>();
  const nameOf = (table: string, key: Key): string => JSON.stringify([table, key]);
  return {
    begin: () => undefined,
    read: ({ name }, key, _at, record) => {
      const rows =
        byRecord.get(record)?.get(name)?.get(key) ?? (besides.has(nameOf(name, key)) ? [] : undefined);
      return rows && { rows, since: BEGINNING_OF_TIME };
    },
    fetch: async (lacks) => {
      for (const { table, key } of lacks) besides.add(nameOf(table.name, key));
    },
  };
}
