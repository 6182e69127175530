import { rowsKept } from "../../../../shared/operators/lookup/looked-up.ts";
import type { LookupSession } from "../../../../shared/protocol/lookup/sessions.ts";
import { placeOf } from "../../../../shared/protocol/record.ts";
import { BEGINNING_OF_TIME } from "../../../../shared/time/time.ts";
import { violated } from "../violated.ts";
import type { TakenEntry } from "./taken.ts";

/** Says of each record what the entry that took it keeps: a replay meets the rows that the run met. */
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
  return {
    begin: () => undefined,
    read: ({ name }, key, _at, record) => {
      const rows = byRecord.get(record)?.get(name)?.get(key);
      return rows && { rows, since: BEGINNING_OF_TIME };
    },
    fetch: async ([lack]) => {
      throw violated(
        `a replay looks up "${lack?.key}" in "${lack?.table.name}", which its entry does not keep`,
      );
    },
  };
}
