import type { Key } from "../../shared/events/event.ts";
import type { Host, Keeper } from "./host.ts";
import { keyFrom, sameKey } from "./keys.ts";
import type { DedupeNode } from "./stage.ts";

/**
 * The first event of each id passes; an event whose id is remembered does not. An id is remembered until the watermark
 * is `within` beyond both its event and what was then the stream time, and then to the end of its eighth of `within`.
 */
export function dedupe({ spec: { by, within } }: DedupeNode, host: Host): Keeper {
  const group = Math.max(1, Math.ceil(within / 8));
  let passed: { readonly id: Key; readonly until: number }[] = [];
  return {
    take(value, info) {
      let id: Key;
      try {
        id = keyFrom(by === undefined ? info.id : by(value, info));
      } catch (thrown) {
        host.fail(value, thrown, info);
        return;
      }
      if (passed.some((one) => sameKey(one.id, id) && one.until > host.watermark())) {
        host.repeat();
        return;
      }
      const until = (Math.floor((Math.max(info.time, host.streamTime()) + within) / group) + 1) * group;
      passed.push({ id, until });
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
