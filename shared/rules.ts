/** The second public door: rules in CEL. A pipeline that has none does not carry the language with it. */
export { type RuleMatch, type RulesOptions, rule, rules } from "./pipeline/rules.ts";
