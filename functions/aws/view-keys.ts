import type { Key } from "../../shared/events/event.ts";
import type { ViewVersion } from "../../shared/protocol/ports.ts";
import { sortableKey } from "../../shared/state/key-order.ts";

/** The partition key under which all rows of one key of a view are, in the order of their sort value. */
export const viewPk = (view: string, key: Key): string => `${view}#${sortableKey(key)}`;

/** A version as text that sorts as versions do: first by epoch, then by `v`. */
export const versionText = ({ epoch, v }: ViewVersion): string =>
  `${String(epoch).padStart(10, "0")}.${String(v).padStart(16, "0")}`;
