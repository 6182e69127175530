import type { Fault, ServiceName } from "../models/faults.ts";
import { Random } from "../simulator/random.ts";
import { type FaultRule, type FaultSettings, type FaultSettingsInput, readFaultSettings } from "./rules.ts";

type Of<Kind extends FaultRule["fault"]> = Extract<FaultRule, { readonly fault: Kind }>;
type CallFault = "throttle" | "error" | "lost-response" | "partial";

/** A rule, and how often it has struck. */
export type FaultCount = { readonly rule: FaultRule; readonly struck: number };

const CALL_FAULTS: ReadonlySet<FaultRule["fault"]> = new Set([
  "throttle",
  "error",
  "lost-response",
  "partial",
] satisfies CallFault[]);

/**
 * Decides what goes wrong, by rules that can be changed at any time. The choices follow from the seed and from the
 * order in which it is asked, which on a machine with many processes is not the same twice.
 */
export class FaultPlan {
  #settings: FaultSettings = readFaultSettings({});
  #random = new Random(1);
  #struck = new Map<FaultRule, number>();
  #external = 0;

  get settings(): FaultSettings {
    return this.#settings;
  }

  /** How often each rule has struck since it was set. */
  counts(): readonly FaultCount[] {
    return this.#settings.rules.map((rule) => ({ rule, struck: this.#struck.get(rule) ?? 0 }));
  }

  /**
   * Puts other rules in the place of those in force; the counts begin at 0.
   * @throws MillraceError FAULT_RULE_INVALID, and the rules before stay
   */
  set(settings: FaultSettingsInput): void {
    this.#settings = readFaultSettings(settings);
    this.#random = new Random(this.#settings.seed);
    this.#struck = new Map();
  }

  /** Runs what a request from outside asks for: only calls within it go wrong, and none that the cloud itself makes. */
  during<T>(run: () => T): T {
    this.#external += 1;
    try {
      return run();
    } finally {
      this.#external -= 1;
    }
  }

  /** Of `ServiceFaults`: what goes wrong with a call. */
  before(service: ServiceName, operation: string, input: unknown): Fault | undefined {
    if (this.#external === 0) return undefined;
    for (const rule of this.#settings.rules)
      if (isCallFault(rule) && isAt(rule, service, operation) && this.#strikes(rule))
        return this.#faultOf(rule, input);
    return undefined;
  }

  /** How long a call is kept waiting before it begins, in milliseconds. */
  delayOf(service: ServiceName, operation: string): number {
    let delay = 0;
    for (const rule of this.#settings.rules)
      if (rule.fault === "delay" && isAt(rule, service, operation) && this.#strikes(rule))
        delay += rule.milliseconds;
    return delay;
  }

  /** How long after its start, in milliseconds, an invocation's process is killed. */
  killAfter(functionName: string): number | undefined {
    const rule = this.#on("kill", functionName);
    return rule && this.#random.next() * rule.milliseconds;
  }

  /** For how long, in milliseconds, an invocation's process stands still. */
  freezeFor(functionName: string): number | undefined {
    return this.#on("freeze", functionName)?.milliseconds;
  }

  /** How long after the first delivery of a batch, in milliseconds, a second one is made. */
  duplicateAfter(functionName: string): number | undefined {
    const rule = this.#on("duplicate", functionName);
    return rule && this.#random.next() * rule.milliseconds;
  }

  /** By how much the clock of a new environment is wrong, in milliseconds. */
  skewOf(functionName: string): number {
    const rule = this.#on("skew", functionName);
    return rule === undefined ? 0 : Math.round((2 * this.#random.next() - 1) * rule.milliseconds);
  }

  /** The random choices of a shard to split or merge, where one is due now. */
  reshards(streamName: string): Random | undefined {
    const rule = this.#settings.rules.find(
      (one) => one.fault === "reshard" && (one.stream === "*" || streamName.includes(one.stream)),
    );
    return rule !== undefined && this.#strikes(rule) ? this.#random : undefined;
  }

  #on<Kind extends "kill" | "freeze" | "duplicate" | "skew">(
    kind: Kind,
    functionName: string,
  ): Of<Kind> | undefined {
    return this.#settings.rules.find(
      (rule): rule is Of<Kind> =>
        rule.fault === kind &&
        "function" in rule &&
        (rule.function === "*" || functionName.includes(rule.function)) &&
        this.#strikes(rule),
    );
  }

  #faultOf(rule: Of<CallFault>, input: unknown): Fault {
    switch (rule.fault) {
      case "error":
        return { kind: "error", code: rule.code, status: rule.status };
      case "partial":
        return { kind: "partial", failed: this.#someOf(entriesOf(input), rule.share) };
      default:
        return { kind: rule.fault };
    }
  }

  #someOf(entries: number, share: number): number[] {
    const sure = this.#random.below(entries);
    return Array.from({ length: entries }, (_, i) => i).filter(
      (i) => i === sure || this.#random.chance(share),
    );
  }

  #strikes(rule: FaultRule): boolean {
    if (!this.#random.chance(rule.rate)) return false;
    this.#struck.set(rule, (this.#struck.get(rule) ?? 0) + 1);
    return true;
  }
}

const isCallFault = (rule: FaultRule): rule is Of<CallFault> => CALL_FAULTS.has(rule.fault);

const isAt = (
  rule: { readonly service: string; readonly operation: string },
  service: ServiceName,
  operation: string,
): boolean =>
  (rule.service === "*" || rule.service === service) &&
  (rule.operation === "*" || rule.operation === operation);

/** How many entries a batch call or a transaction has; 0 for any other. */
function entriesOf(input: unknown): number {
  const { Records, Entries, TransactItems, RequestItems } = input as Readonly<Record<string, unknown>>;
  const entries = [Records, Entries, TransactItems].find((list) => Array.isArray(list));
  if (entries !== undefined) return entries.length;
  if (typeof RequestItems !== "object" || RequestItems === null) return 0;
  return Object.values(RequestItems).reduce((sum, one) => sum + (one.Keys ?? one).length, 0);
}
