import { type Clock, isoOf, parseTime } from "../../shared/time/clock.ts";
import { type DurationMs, days, type EpochMs, hours, milliseconds, minutes } from "../../shared/time/time.ts";
import { ControlledSource } from "./controlled-source.ts";
import { type NextTime, parseCron } from "./cron.ts";
import type { Wait } from "./wait.ts";

/** When a schedule is due. */
export type Timing = { readonly every: DurationMs } | { readonly next: NextTime };

export type Schedule = {
  readonly id: string;
  /** The rule's or schedule's ARN. */
  readonly arn: string;
  readonly functionArn: string;
  readonly timing: Timing;
  /** `aws.events` for an EventBridge rule, `aws.scheduler` for an EventBridge Scheduler schedule. */
  readonly source: "aws.events" | "aws.scheduler";
  /** JSON text that takes the place of the scheduled event. */
  readonly input?: string | undefined;
};

export type ScheduleSourceOptions = {
  readonly schedule: Schedule;
  /**
   * Hands a tick to the function's queue of asynchronous events. Resolves to whether the function has taken it in
   * the end; `onAttempt` gets each attempt as it begins.
   */
  readonly send: (payload: string, onAttempt: (attempt: Promise<unknown>) => void) => Promise<boolean>;
  readonly clock: Clock;
  /** When the schedule was last due, where an earlier process followed it: a rate goes on from there. */
  readonly lastTick?: EpochMs | undefined;
  /** @default machineWait */
  readonly wait?: Wait;
};

/**
 * Sends a function an event again and again. Ticks are asynchronous: one that takes long, or is retried, does not
 * hold up the next. A rate of EventBridge Scheduler begins at once, one of an EventBridge rule after its first period.
 */
export class ScheduleSource extends ControlledSource {
  readonly #options: ScheduleSourceOptions;
  #lastTick: EpochMs | undefined;

  constructor(options: ScheduleSourceOptions) {
    const { id, arn, functionArn } = options.schedule;
    super({ id, name: arn, functionArn }, options.wait);
    this.#options = options;
    this.#lastTick = options.lastTick;
    this.control.run(() => this.#tick());
  }

  /** When it was last due; undefined where that is still to come. */
  get lastTick(): EpochMs | undefined {
    return this.#lastTick;
  }

  caughtUp(): boolean {
    return !this.control.working;
  }

  async #tick(): Promise<void> {
    const { schedule, clock } = this.#options;
    for (let pause = this.#untilFirst(); pause !== undefined; pause = untilNext(schedule.timing, clock)) {
      await this.control.pause(pause);
      const wasOff = !this.control.enabled;
      if (!(await this.control.mayGoOn())) return;
      // what was due while it was switched off is not made up for
      if (wasOff) continue;
      this.#lastTick = clock.now();
      // how a tick ends is counted when it does: neither the next one nor `close` waits for it
      void this.#fire(schedule.input ?? scheduledEvent(schedule, clock));
    }
  }

  #untilFirst(): DurationMs | undefined {
    const { schedule, clock, lastTick } = this.#options;
    const { timing, source } = schedule;
    if (!("every" in timing)) return untilNext(timing, clock);
    if (lastTick !== undefined) return milliseconds(Math.max(0, lastTick + timing.every - clock.now()));
    return source === "aws.scheduler" ? milliseconds(0) : timing.every;
  }

  async #fire(payload: string): Promise<void> {
    const { counters } = this.control;
    let attempts = 0;
    const onAttempt = (attempt: Promise<unknown>): void => {
      attempts += 1;
      counters.invocations += 1;
      void this.control.during(attempt);
    };
    // a tick that cannot even be handed over, as to a function that is gone, is given up
    const taken = await this.#options.send(payload, onAttempt).catch(() => false);
    counters.failedInvocations += taken ? attempts - 1 : attempts;
    if (taken) counters.delivered += 1;
    else counters.discarded += 1;
  }
}

function untilNext(timing: Timing, clock: Clock): DurationMs | undefined {
  if ("every" in timing) return timing.every;
  const now = clock.now();
  const next = timing.next(now);
  return next === undefined ? undefined : milliseconds(next - now);
}

function scheduledEvent({ arn, source }: Schedule, clock: Clock): string {
  const [, , , region, account] = arn.split(":");
  return JSON.stringify({
    version: "0",
    id: crypto.randomUUID(),
    "detail-type": "Scheduled Event",
    source,
    account,
    time: `${isoOf(clock.now()).slice(0, 19)}Z`,
    region,
    resources: [arn],
    detail: source === "aws.events" ? {} : "{}",
  });
}

const EXPRESSION = /^(rate|cron|at)\((.*)\)$/;
const RATE = /^(\d+) (minute|hour|day)s?$/;
const UNITS = { minute: minutes, hour: hours, day: days };

/** Reads `rate(5 minutes)`, `cron(0 6 * * ? *)` and `at(2026-11-22T06:00:00)`, in UTC; undefined for anything else. */
export function parseTiming(expression: string): Timing | undefined {
  const [, kind, text = ""] = EXPRESSION.exec(expression) ?? [];
  if (kind === "rate") return parseRate(text);
  const next = kind === "cron" ? parseCron(text) : kind === "at" ? parseAt(text) : undefined;
  return next && { next };
}

function parseRate(text: string): Timing | undefined {
  const [, count, unit] = RATE.exec(text) ?? [];
  if (unit !== "minute" && unit !== "hour" && unit !== "day") return undefined;
  return Number(count) > 0 ? { every: UNITS[unit](Number(count)) } : undefined;
}

function parseAt(text: string): NextTime | undefined {
  const at = parseTime(`${text}Z`);
  return at === undefined ? undefined : (after) => (after < at ? at : undefined);
}
