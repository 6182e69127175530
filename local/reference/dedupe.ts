import { MillraceError } from "../../shared/errors/millrace-error.ts";
import type { Key } from "../../shared/events/event.ts";
import { bloom } from "./bloom.ts";
import type { Host, Keeper } from "./host.ts";
import { keyFrom, sameKey } from "./keys.ts";
import type { DedupeNode } from "./stage.ts";

/**
 * The first event of each id passes; an event whose id is remembered does not. An id is remembered until the watermark
 * is `within` beyond both its event and what was then the stream time, and then to the end of its eighth of `within`.
 */
export function dedupe({ spec: { by, within, approximate } }: DedupeNode, host: Host): Keeper {
  const group = Math.max(1, Math.ceil(within / (approximate === undefined ? 8 : 4)));
  let passed: { readonly id: Key; readonly until: number; readonly bits: readonly number[] }[] = [];
  const filter = approximate === undefined ? undefined : bloom(approximate);
  /** Whether the id is one of those that are remembered, or looks like them. */
  const isThere = (id: Key, bits: readonly number[]): boolean => {
    const there = passed.filter(({ until }) => until > host.watermark());
    if (filter === undefined) return there.some((one) => sameKey(one.id, id));
    return there.some(({ until }) =>
      filter.has(
        there.filter((one) => one.until === until).map((one) => one.bits),
        bits,
      ),
    );
  };
  return {
    take(value, info) {
      let id: Key;
      try {
        id = keyFrom(by === undefined ? info.id : by(value, info));
      } catch (thrown) {
        host.fail(value, thrown, info);
        return;
      }
      const bits = filter?.bitsOf(id) ?? [];
      if (isThere(id, bits)) {
        host.repeat();
        return;
      }
      const until = (Math.floor((Math.max(info.time, host.streamTime()) + within) / group) + 1) * group;
      const remembered = passed.filter((one) => one.until > host.watermark()).length;
      if (approximate !== undefined && until > host.watermark() && remembered >= approximate.capacity) {
        const next = { next: "dead-lettered" } as const;
        host.fail(value, new MillraceError("DEDUPE_FULL", "too many ids", next), info);
        return;
      }
      passed.push({ id, until, bits });
      host.give(value, info);
    },
    nextMoment: () => Number.POSITIVE_INFINITY,
    reach(time) {
      passed = passed.filter(({ until }) => until > time);
    },
    nextShowing: () => Number.POSITIVE_INFINITY,
    show() {},
  };
}
