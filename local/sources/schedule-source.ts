import { type Clock, isoOf } from "../../shared/time/clock.ts";
import { type DurationMs, days, hours, minutes } from "../../shared/time/time.ts";
import { backoff } from "./backoff.ts";
import { ControlledSource } from "./controlled-source.ts";
import type { Invoke } from "./event-source.ts";
import type { Wait } from "./wait.ts";

export type Schedule = {
  readonly id: string;
  /** The rule's or schedule's ARN. */
  readonly arn: string;
  readonly functionArn: string;
  readonly every: DurationMs;
  /** `aws.events` for an EventBridge rule, `aws.scheduler` for an EventBridge Scheduler schedule. */
  readonly source: "aws.events" | "aws.scheduler";
  /** JSON text that takes the place of the scheduled event. */
  readonly input?: string | undefined;
};

export type ScheduleSourceOptions = {
  readonly schedule: Schedule;
  readonly invoke: Invoke;
  readonly clock: Clock;
  /** @default machineWait */
  readonly wait?: Wait;
};

/** An asynchronous invocation that fails is tried twice more, as Lambda does. */
const TRIES = 3;

/** Invokes a function again and again. A tick that runs delays the next one; AWS would run them side by side. */
export class ScheduleSource extends ControlledSource {
  readonly #options: ScheduleSourceOptions;

  constructor(options: ScheduleSourceOptions) {
    const { id, arn, functionArn } = options.schedule;
    super({ id, name: arn, functionArn }, options.wait);
    this.#options = options;
    this.control.run(() => this.#tick());
  }

  caughtUp(): boolean {
    return !this.control.working;
  }

  async #tick(): Promise<void> {
    for (;;) {
      await this.control.pause(this.#options.schedule.every);
      if (!(await this.control.mayGoOn())) return;
      await this.#fire(
        this.#options.schedule.input ?? scheduledEvent(this.#options.schedule, this.#options.clock),
      );
    }
  }

  async #fire(payload: string): Promise<void> {
    const { counters } = this.control;
    for (let attempt = 1; attempt <= TRIES && !this.control.stopped; attempt++) {
      counters.invocations += 1;
      if (await this.control.during(this.#succeeds(payload))) {
        counters.delivered += 1;
        return;
      }
      counters.failedInvocations += 1;
      await this.control.pause(backoff(attempt));
    }
    counters.discarded += 1;
  }

  async #succeeds(payload: string): Promise<boolean> {
    try {
      return (await this.#options.invoke(payload)).functionError === undefined;
    } catch {
      // not invoked at all: one of the attempts, as with a function that failed
      return false;
    }
  }
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

const RATE = /^rate\((\d+) (minute|hour|day)s?\)$/;
const UNITS = { minute: minutes, hour: hours, day: days };

/** `rate(5 minutes)` as a duration; undefined for `cron(…)`, `at(…)` and what is no expression. */
export function parseRate(expression: string): DurationMs | undefined {
  const [, count, unit] = RATE.exec(expression) ?? [];
  if (unit !== "minute" && unit !== "hour" && unit !== "day") return undefined;
  return Number(count) > 0 ? UNITS[unit](Number(count)) : undefined;
}
