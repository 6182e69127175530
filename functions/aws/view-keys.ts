import type { Key } from "../../shared/events/event.ts";
import type { ViewVersion, ViewWrite } from "../../shared/protocol/ports.ts";
import { sortableKey } from "../../shared/state/key-order.ts";

/** The partition key under which all rows of one key of a view are, in the order of their sort value. */
export const viewPk = (view: string, key: Key): string => `${view}#${sortableKey(key)}`;

/** A version as text that sorts as versions do: first by epoch, then by `v`. */
const versionText = ({ epoch, v }: ViewVersion): string =>
  `${String(epoch).padStart(10, "0")}.${String(v).padStart(16, "0")}`;

/** A write with its keys and its version as the table has them. */
export type KeyedWrite = {
  readonly write: ViewWrite;
  readonly pk: string;
  readonly sk: string;
  readonly version: string;
};

/** One write a row: the highest version, the last of equals. */
export function newestOf(writes: readonly ViewWrite[]): KeyedWrite[] {
  const rows = new Map<string, KeyedWrite>();
  let known: ViewVersion | undefined;
  let version = "";
  for (const write of writes) {
    // those of an entry share it
    if (write.version !== known) {
      known = write.version;
      version = versionText(known);
    }
    const pk = viewPk(write.view, write.key);
    const sk = sortableKey(write.sort);
    // its length keeps `ab`, `c` apart from `a`, `bc`
    const row = `${pk.length} ${pk}${sk}`;
    const other = rows.get(row);
    if (other === undefined || other.version <= version) rows.set(row, { write, pk, sk, version });
  }
  return [...rows.values()];
}
