import type { Key } from "../../events/event.ts";
import { BEGINNING_OF_TIME, END_OF_TIME, type EpochMs } from "../../time/time.ts";
import { checkedKey } from "../checked-key.ts";
import { cloneData } from "../custom.ts";
import { checkKeepable } from "../keepable.ts";
import type { Host } from "../panes.ts";
import { versionOf } from "../versioned.ts";
import type { Cell, ProcessCells } from "./cells.ts";
import type { ListState, MapState, StateSpec, ValueState } from "./spec.ts";

/** A state of the key at hand: reads what is not over, writes what is over after the state's time to live. */
export type Access = {
  readonly host: Pick<Host, "context" | "careful" | "id">;
  readonly cells: ProcessCells;
  readonly state: string;
  readonly spec: StateSpec;
  /** Gives a value of the present version for what an earlier one wrote. */
  readonly migrate: (state: string, cell: Cell) => unknown;
  /** Called with the time at which something is over. */
  readonly expire: (at: EpochMs) => void;
};

/** The one cell of a value. */
const ONE: Key = 0;
/** Beside a list's elements: the number of the next one. */
const NEXT: Key = -1;

export function handleOf(access: Access): ValueState<unknown> | ListState<unknown> | MapState<Key, unknown> {
  switch (access.spec.kind) {
    case "value":
      return valueHandle(access);
    case "list":
      return listHandle(access);
    case "map":
      return mapHandle(access);
  }
}

/** All that is in a state, of the cells that are there; undefined where nothing is. */
export function contentOf(
  { kind }: StateSpec,
  cells: readonly (readonly [Key, Cell])[],
  read: (cell: Cell) => unknown,
): unknown {
  const [first] = cells;
  if (first === undefined) return undefined;
  if (kind === "value") return read(first[1]);
  if (kind === "map") return cells.map(([name, cell]) => [name, read(cell)]);
  return cells.flatMap(([name, cell]) => (name === NEXT ? [] : [read(cell)]));
}

function valueHandle(access: Access): ValueState<unknown> {
  return {
    get: () => read(access, ONE),
    set: (value) => write(access, ONE, value),
    clear: () => access.cells.delete(access.host.context.key, access.state, ONE),
  };
}

function listHandle(access: Access): ListState<unknown> {
  const { cells, state, host } = access;
  return {
    get: () => present(access).flatMap(([name, cell]) => (name === NEXT ? [] : [valueIn(access, cell)])),
    add(value) {
      const next = cells.get(host.context.key, state, NEXT);
      const n = (next?.value ?? 0) as number;
      write(access, n, value);
      // the count goes with the last element that goes
      const expires = Math.max(expiryOf(access), next?.expires ?? BEGINNING_OF_TIME) as EpochMs;
      cells.set(host.context.key, state, NEXT, { value: n + 1, expires, version: 1 });
    },
    clear: () => clear(access),
  };
}

function mapHandle(access: Access): MapState<Key, unknown> {
  const { cells, state, host } = access;
  const named = (name: unknown): Key => checkedKey(name, host.id);
  return {
    get: (name) => read(access, named(name)),
    has: (name) => isPresent(access, cells.get(host.context.key, state, named(name))),
    set: (name, value) => write(access, named(name), value),
    delete: (name) => cells.delete(host.context.key, state, named(name)),
    entries: () => present(access).map(([name, cell]) => [name, valueIn(access, cell)]),
    clear: () => clear(access),
  };
}

/** Whether a cell is still there: until the watermark, or processing time, has reached the end of its time. */
export const isPresent = (
  { spec, host: { context } }: { readonly spec: StateSpec; readonly host: Pick<Host, "context"> },
  cell: Cell | undefined,
): cell is Cell =>
  cell !== undefined &&
  cell.expires > (spec.in === "processing-time" ? context.processingTime : context.watermark);

function read(access: Access, name: Key): unknown {
  const cell = access.cells.get(access.host.context.key, access.state, name);
  return isPresent(access, cell) ? valueIn(access, cell) : undefined;
}

const valueIn = ({ spec, state, migrate }: Access, cell: Cell): unknown =>
  cell.version === versionOf(spec) ? cloneData(cell.value) : migrate(state, cell);

const present = (access: Access): (readonly [Key, Cell])[] =>
  access.cells.all(access.host.context.key, access.state).filter(([, cell]) => isPresent(access, cell));

function write(access: Access, name: Key, value: unknown): void {
  const { cells, state, spec, host, expire } = access;
  if (host.careful()) checkKeepable(value);
  const expires = expiryOf(access);
  cells.set(host.context.key, state, name, { value: cloneData(value), expires, version: versionOf(spec) });
  if (expires !== END_OF_TIME) expire(expires);
}

/** A late event writes as of the watermark: what it writes would else be over at once. */
function expiryOf({ spec: { ttl, in: domain }, host: { context } }: Access): EpochMs {
  if (ttl === undefined) return END_OF_TIME;
  if (domain === "processing-time") return (context.processingTime + ttl) as EpochMs;
  return (Math.max(context.time, context.watermark) + ttl) as EpochMs;
}

function clear({ cells, state, host: { context } }: Access): void {
  for (const [name] of cells.all(context.key, state)) cells.delete(context.key, state, name);
}
