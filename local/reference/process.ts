import { MillraceError } from "../../shared/errors/millrace-error.ts";
import type { EventInfo, Key } from "../../shared/events/event.ts";
import type { Host, Keeper } from "./host.ts";
import { checkKeepable, copyOf } from "./keepable.ts";
import { byKey, byKeys, keyFrom, sameKey } from "./keys.ts";
import type { ProcessNode } from "./stage.ts";

/** What was written under a name, and until which watermark, or processing time, it is there. */
type Written = {
  readonly state: string;
  readonly name: Key;
  readonly value: unknown;
  readonly until: number;
};

/** A processing time at which a key is to be called, and the event time of the call that asked for it last. */
type Call = { readonly at: number; readonly since: number };

/** What one key has: a list of what was written, oldest first, and the times at which it is to be called. */
type Mine = {
  readonly key: Key;
  written: readonly Written[];
  timers: readonly number[];
  calls: readonly Call[];
};

type Context = Parameters<ProcessNode["spec"]["onEvent"]>[1];
type Handles = Context["state"];
type StateSpec = ProcessNode["spec"]["state"][string];

/** A process by its definition: a list of all that was written, of which what is too old is looked past. */
export function processes(node: ProcessNode, host: Host): Keeper {
  const { state, onEvent, onTimer, onProcessingTimer } = node.spec;
  const keys = byKeys<Mine>((key) => ({ key, written: [], timers: [], calls: [] }));

  /** Calls the user's function for a key: all that it does counts, or nothing. */
  const call = (
    value: unknown,
    info: EventInfo,
    firing: Firing,
    run: (context: Context) => Iterable<unknown> | undefined,
  ): void => {
    const mine = keys.of(info.key);
    const before = { ...mine };
    let rows: unknown[];
    try {
      rows = [...(run(contextOf(mine, info, firing)) ?? [])];
    } catch (thrown) {
      Object.assign(mine, before);
      host.fail(value, thrown, info);
      return;
    }
    for (const row of rows) host.give(row, info);
  };

  const contextOf = (mine: Mine, info: EventInfo, firing: Firing): Context => {
    const check = (time: number, called: unknown, now: number | undefined): void => {
      const isLater = now === undefined || time > now;
      if (called === undefined || !Number.isSafeInteger(time) || !isLater)
        throw new MillraceError("PROCESS_TIMER", "a timer that cannot be", { next: "dead-lettered" });
    };
    const at = (time: number): void => {
      check(time, onTimer, firing.timer);
      if (firing.timer !== undefined && host.ending()) return;
      if (!mine.timers.includes(time)) mine.timers = [...mine.timers, time];
    };
    return {
      ...info,
      watermark: host.watermark() as Context["watermark"],
      processingTime: host.processingTime() as Context["processingTime"],
      state: Object.fromEntries(
        Object.entries(state).map(([name, spec]) => [name, handle(mine, name, spec, info)]),
      ) as Handles,
      timers: {
        at,
        cancel(time) {
          mine.timers = mine.timers.filter((one) => one !== time);
        },
        atProcessingTime(time) {
          check(time, onProcessingTimer, firing.call);
          mine.calls = [...mine.calls.filter((one) => one.at !== time), { at: time, since: info.time }];
        },
        cancelProcessingTime(time) {
          mine.calls = mine.calls.filter((one) => one.at !== time);
        },
      },
    };
  };

  const handle = (mine: Mine, state: string, { kind, ttl, in: domain }: StateSpec, { time }: EventInfo) => {
    const now = (): number => (domain === "processing-time" ? host.processingTime() : host.watermark());
    const isHere = (one: Written): boolean => one.state === state;
    const there = (): Written[] => mine.written.filter((one) => isHere(one) && one.until > now());
    const under = (name: unknown): Written | undefined =>
      there().find((one) => sameKey(one.name, keyFrom(name)));
    const without = (name: Key): Written[] =>
      mine.written.filter((one) => !(isHere(one) && sameKey(one.name, name)));
    const write = (name: Key, value: unknown): void => {
      checkKeepable(value);
      const from = domain === "processing-time" ? now() : Math.max(time, now());
      const until = ttl === undefined ? Number.POSITIVE_INFINITY : from + ttl;
      mine.written = [...without(name), { state, name, value: copyOf(value), until }];
    };
    const clear = (): void => {
      mine.written = mine.written.filter((one) => !isHere(one));
    };
    if (kind === "value")
      return { get: () => copyOf(under(0)?.value), set: (value: unknown) => write(0, value), clear };
    if (kind === "list")
      return {
        get: () => there().map(({ value }) => copyOf(value)),
        // a name that none had before: what was written last is the newest
        add: (value: unknown) =>
          write(mine.written.reduce((n, one) => Math.max(n, Number(one.name) || 0), 0) + 1, value),
        clear,
      };
    return {
      get: (name: unknown) => copyOf(under(name)?.value),
      has: (name: unknown) => under(name) !== undefined,
      set: (name: unknown, value: unknown) => write(keyFrom(name), value),
      delete: (name: unknown) => {
        mine.written = without(keyFrom(name));
      },
      entries: () =>
        there()
          .sort((a, b) => byKey(a.name, b.name))
          .map(({ name, value }) => [name, copyOf(value)]),
      clear,
    };
  };

  return {
    take: (value, info) => call(value, info, {}, (context) => onEvent(value, context)),
    // one for a time that has passed is due with the next step of the watermark
    nextMoment: () => Math.min(Number.POSITIVE_INFINITY, ...keys.all.flatMap(({ timers }) => timers)),
    reach(moment) {
      const due = keys.all.filter(({ timers }) => timers.includes(moment));
      for (const mine of due.sort((a, b) => byKey(a.key, b.key))) {
        mine.timers = mine.timers.filter((one) => one !== moment);
        const time = moment as EventInfo["time"];
        const info = { id: `${node.id}/${mine.key}/${moment}`, time, key: mine.key };
        call({ key: mine.key, timer: moment }, info, { timer: moment }, (context) =>
          onTimer?.(time, context),
        );
      }
    },
    nextShowing: () => Number.POSITIVE_INFINITY,
    show() {},
    nextCall: () =>
      Math.min(Number.POSITIVE_INFINITY, ...keys.all.flatMap(({ calls }) => calls.map(({ at }) => at))),
    call(moment) {
      const due = keys.all.flatMap((mine) =>
        mine.calls.filter(({ at }) => at === moment).map(({ since }) => ({ mine, since })),
      );
      for (const { mine, since } of due.sort((a, b) => byKey(a.mine.key, b.mine.key))) {
        mine.calls = mine.calls.filter(({ at }) => at !== moment);
        const hasEnded = host.watermark() === Number.POSITIVE_INFINITY;
        const time = (hasEnded ? since : Math.max(since, host.watermark())) as EventInfo["time"];
        const info = { id: `${node.id}/${mine.key}/p${moment}`, time, key: mine.key };
        call({ key: mine.key, processingTimer: moment }, info, { call: moment }, (context) =>
          onProcessingTimer?.(moment as EventInfo["time"], context),
        );
      }
    },
  };
}

/** The timer of event time, or of processing time, that is called. */
type Firing = { readonly timer?: number; readonly call?: number };
