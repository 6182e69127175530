import { MillraceError, messageOf } from "../errors/millrace-error.ts";
import type { EventInfo, Key } from "../events/event.ts";
import type { FieldOf } from "../events/stream.ts";
import { type CompiledRule, compileRule } from "../operators/rules/compile-rule.ts";
import type { FailurePolicy } from "../operators/spec.ts";
import type { VersionOptions } from "../operators/versioned.ts";
import type { BroadcastOptions } from "./broadcast.ts";

export type RulesOptions<K extends Key, V> = {
  /** State is found again by this id. */
  readonly id: string;
  /** The text of a control value's rule: a field or a function. */
  readonly when: FieldOf<V, string> | ((control: V, key: K) => string);
  /** The version of the control values that are kept: raise it where they get another shape. */
  readonly kept?: VersionOptions<V>;
  readonly onError?: FailurePolicy;
};

/** An event of which a rule is true. */
export type RuleMatch<K extends Key, V, T> = {
  /** The key of the rule. */
  readonly rule: K;
  /** The control value that the rule came with. Nothing can change it. */
  readonly control: V;
  readonly value: T;
};

type Rule<V> = { readonly control: V; readonly isTrue: CompiledRule };

/**
 * What a broadcast does whose control values are rules, in CEL: gives a row for each rule that is true of an event, by
 * the order of the rules' keys. A rule that does not compile becomes a failed event (`RULE_INVALID`), and the one
 * before it stays in force. A rule that cannot say of an event whether it is true fails that event (`RULE_FAILED`),
 * and no other rule.
 */
export function rules<T, K extends Key, V>({
  when,
  ...options
}: RulesOptions<K, V>): BroadcastOptions<T, K, V, Rule<V>, RuleMatch<K, V, T>> {
  const textOf =
    typeof when === "function" ? when : (control: V): string => control[when as keyof V] as string;
  return {
    ...options,
    prepare: (control, key) => {
      const text: unknown = textOf(control, key);
      if (typeof text !== "string") throw invalid(key, `its text is a ${typeof text}`);
      try {
        return { control, isTrue: compileRule(text) };
      } catch (cause) {
        throw invalid(key, messageOf(cause), cause);
      }
    },
    *onEvent(value, latest, info) {
      for (const [rule, { control, isTrue }] of latest) {
        const verdict = tryRule(rule, isTrue, value, info);
        if (verdict === true) yield { rule, control, value };
        else if (verdict !== false) yield verdict;
      }
    },
  };
}

function tryRule(rule: Key, isTrue: CompiledRule, value: unknown, info: EventInfo): boolean | MillraceError {
  try {
    return isTrue(value, info);
  } catch (cause) {
    return new MillraceError(
      "RULE_FAILED",
      `rule "${rule}", ${messageOf(cause)}; guard it, as has(event.field) does`,
      {
        next: "dead-lettered",
        cause,
      },
    );
  }
}

/**
 * A constant rule, as a function for `filter`, `count` and the like. Where it cannot say of an event whether it is
 * true, the event becomes a failed event (`RULE_FAILED`).
 * @throws MillraceError `PLAN_RULE` where the text is no rule; within `pipeline`, with its place there
 */
export function rule(text: string): (value: unknown, info: EventInfo) => boolean {
  let isTrue: CompiledRule;
  try {
    isTrue = compileRule(text);
  } catch (cause) {
    throw new MillraceError("PLAN_RULE", `rule "${text}", ${messageOf(cause)}`, { next: "refused", cause });
  }
  return (value, info) => {
    const verdict = tryRule(text, isTrue, value, info);
    if (typeof verdict === "boolean") return verdict;
    throw verdict;
  };
}

const invalid = (rule: Key, why: string, cause?: unknown): MillraceError =>
  new MillraceError(
    "RULE_INVALID",
    `rule "${rule}", ${why}; the rule before it stays in force: send a new one`,
    {
      next: "dead-lettered",
      cause,
    },
  );
