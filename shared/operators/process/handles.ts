import type { Key } from "../../events/event.ts";
import { END_OF_TIME, type EpochMs } from "../../time/time.ts";
import { checkedKey } from "../checked-key.ts";
import { cloneData } from "../custom.ts";
import type { Host } from "../host.ts";
import { checkKeepable } from "../keepable.ts";
import { versionOf } from "../versioned.ts";
import type { Cell } from "./cell.ts";
import type { ProcessCells } from "./cells.ts";
import type { ListState, MapState, StateSpec, ValueState } from "./spec.ts";

/** A state of the key at hand: reads what is not over, writes what is over after the state's time to live. */
export type Access = {
  readonly host: Pick<Host, "context" | "careful" | "id">;
  readonly cells: ProcessCells;
  /** Its number among the cells' states. */
  readonly state: number;
  readonly spec: StateSpec;
  /** Gives a value of the present version for what an earlier one wrote. */
  readonly migrate: (cell: Cell) => unknown;
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
  cells: readonly Cell[],
  read: (cell: Cell) => unknown,
): unknown {
  const [first] = cells;
  if (first === undefined) return undefined;
  if (kind === "value") return read(first);
  if (kind === "map") return cells.map((cell) => [cell.name, read(cell)]);
  return cells.flatMap((cell) => (cell.name === NEXT ? [] : [read(cell)]));
}

function valueHandle(access: Access): ValueState<unknown> {
  return {
    get: () => read(access, access.cells.only(access.state)),
    set: (value) => write(access, ONE, value),
    clear: () => access.cells.delete(access.state, ONE),
  };
}

function listHandle(access: Access): ListState<unknown> {
  const { cells, state } = access;
  return {
    get() {
      const values: unknown[] = [];
      for (const cell of cells.all(state))
        if (cell.name !== NEXT && isPresent(access, cell)) values.push(valueIn(access, cell));
      return values;
    },
    add(value) {
      const next = cells.get(state, NEXT);
      const n = (next?.value ?? 0) as number;
      write(access, n, value);
      // the count goes with the last element that goes
      const until = untilOf(access);
      cells.set(state, NEXT, n + 1, next === undefined ? until : laterOf(until, next), 1);
    },
    clear: () => clear(access),
  };
}

function mapHandle(access: Access): MapState<Key, unknown> {
  const { cells, state, host } = access;
  const named = (name: unknown): Key => checkedKey(name, host.id);
  return {
    get: (name) => read(access, cells.get(state, named(name))),
    has: (name) => isPresent(access, cells.get(state, named(name))),
    set: (name, value) => write(access, named(name), value),
    delete: (name) => cells.delete(state, named(name)),
    entries: () =>
      cells
        .all(state)
        .filter((cell) => isPresent(access, cell))
        .map((cell) => [cell.name, valueIn(access, cell)]),
    clear: () => clear(access),
  };
}

/** Whether a cell is still there: until the watermark, or processing time, has reached the end of its time. */
export const isPresent = (
  { spec, host: { context } }: { readonly spec: StateSpec; readonly host: Pick<Host, "context"> },
  cell: Cell | undefined,
): cell is Cell =>
  cell !== undefined &&
  !cell.isOver(spec.in === "processing-time" ? context.processingTime : context.watermark);

/** What a cell gives its reader; undefined where it is not there. */
const read = (access: Access, cell: Cell | undefined): unknown =>
  isPresent(access, cell) ? valueIn(access, cell) : undefined;

const valueIn = ({ spec, migrate }: Access, cell: Cell): unknown =>
  cell.version === versionOf(spec) ? cell.copy() : migrate(cell);

function write(access: Access, name: Key, value: unknown): void {
  const { cells, state, spec, host, expire } = access;
  if (host.careful()) checkKeepable(value);
  const until = untilOf(access);
  cells.set(state, name, cloneData(value), until, versionOf(spec));
  if (until !== undefined) expire(until);
}

/** A late event writes as of the watermark: what it writes would else be over at once. */
function untilOf({ spec: { ttl, in: domain }, host: { context } }: Access): EpochMs | undefined {
  if (ttl === undefined) return undefined;
  if (domain === "processing-time") return (context.processingTime + ttl) as EpochMs;
  if (context.watermark === END_OF_TIME) return undefined;
  return (Math.max(context.time, context.watermark) + ttl) as EpochMs;
}

const laterOf = (until: EpochMs | undefined, { until: other }: Pick<Cell, "until">): EpochMs | undefined =>
  until === undefined || other === undefined ? undefined : (Math.max(until, other) as EpochMs);

function clear({ cells, state }: Access): void {
  for (const { name } of cells.all(state)) cells.delete(state, name);
}
