import { type Clock, dayOf } from "../../shared/time/clock.ts";
import type { EpochMs } from "../../shared/time/time.ts";
import { type Throttle, Throttles } from "./throttles.ts";

/** How many requests in a calendar day, week (from Sunday on) or month, in UTC. */
type Quota = {
  readonly limit: number;
  readonly period: "DAY" | "WEEK" | "MONTH";
  /** Requests that do not count, in the first period. */
  readonly offset: number;
};

/** An AWS::ApiGateway::UsagePlan: what each of its keys may do with its stages. */
export type UsagePlan = {
  readonly id: string;
  readonly stages: readonly {
    readonly apiId: string;
    readonly stage: string;
    /** By resource and method, as `/streams/{stream}/POST`. */
    readonly methods: Readonly<Record<string, Throttle>>;
  }[];
  readonly throttle?: Throttle;
  readonly quota?: Quota;
};

/** What a request asks for. */
export type KeyUse = {
  readonly apiId: string;
  readonly stage: string;
  readonly resource: string;
  readonly httpMethod: string;
};

/** What becomes of a request with a key: it may pass, the key is none for it, or it comes too often. */
export type KeyVerdict =
  | { readonly kind: "passes"; readonly keyId: string }
  | { readonly kind: "forbidden" }
  | { readonly kind: "throttled" }
  | { readonly kind: "quota exceeded" };

type ApiKey = { readonly value: string; readonly enabled: boolean };

const DAY_MS = 86_400_000;

/**
 * API keys and what their usage plans allow them. A key opens a stage only by a plan that has both, and is counted by
 * itself, over all stages of the plan
 * (https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-api-usage-plans.html).
 */
export class UsagePlans {
  readonly #clock: Clock;
  readonly #keys = new Map<string, ApiKey>();
  readonly #plans = new Map<string, UsagePlan>();
  /** Ids of keys, by plan. */
  readonly #members = new Map<string, Set<string>>();
  readonly #throttles: Throttles;
  readonly #used = new Map<string, { readonly period: string; count: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#throttles = new Throttles(clock);
  }

  setKey(id: string, value: string, enabled: boolean): void {
    this.#keys.set(id, { value, enabled });
  }

  removeKey(id: string): void {
    this.#keys.delete(id);
  }

  /** Makes a plan, or changes the one of its id; its keys stay. */
  setPlan(plan: UsagePlan): void {
    this.#plans.set(plan.id, plan);
  }

  removePlan(id: string): void {
    this.#plans.delete(id);
  }

  join(planId: string, keyId: string): void {
    this.#members.set(planId, new Set([...(this.#members.get(planId) ?? []), keyId]));
  }

  leave(planId: string, keyId: string): void {
    this.#members.get(planId)?.delete(keyId);
  }

  /** Judges a request by its key, and counts it. @param value - of the `x-api-key` header */
  use(value: string, wanted: KeyUse): KeyVerdict {
    const [keyId] = [...this.#keys].find(([, key]) => key.enabled && key.value === value) ?? [];
    const plan = keyId === undefined ? undefined : this.#planFor(keyId, wanted);
    if (keyId === undefined || plan === undefined) return { kind: "forbidden" };
    const { resource, httpMethod } = wanted;
    const path = `${resource}/${httpMethod}`;
    const client = `${plan.id} ${keyId}`;
    const passes =
      this.#throttles.take(`${client} ${wanted.stage} ${path}`, stageIn(plan, wanted)?.methods[path]) &&
      this.#throttles.take(client, plan.throttle);
    if (!passes) return { kind: "throttled" };
    return this.#withinQuota(plan, client) ? { kind: "passes", keyId } : { kind: "quota exceeded" };
  }

  #planFor(keyId: string, wanted: KeyUse): UsagePlan | undefined {
    return [...this.#plans.values()].find(
      (plan) => this.#members.get(plan.id)?.has(keyId) === true && stageIn(plan, wanted) !== undefined,
    );
  }

  #withinQuota({ quota }: UsagePlan, client: string): boolean {
    if (quota === undefined) return true;
    const period = periodOf(quota.period, this.#clock.now());
    const before = this.#used.get(client);
    const fresh = { period, count: before === undefined ? -quota.offset : 0 };
    const used = before?.period === period ? before : fresh;
    if (used.count >= quota.limit) return false;
    used.count += 1;
    this.#used.set(client, used);
    return true;
  }
}

const stageIn = (plan: UsagePlan, { apiId, stage }: KeyUse): UsagePlan["stages"][number] | undefined =>
  plan.stages.find((each) => each.apiId === apiId && each.stage === stage);

/** What all times of one period have in common. */
function periodOf(period: Quota["period"], now: EpochMs): string {
  if (period === "DAY") return dayOf(now);
  if (period === "MONTH") return dayOf(now).slice(0, 7);
  // the first day of 1970 was a Thursday
  return String(Math.floor((Math.floor(now / DAY_MS) + 4) / 7));
}
