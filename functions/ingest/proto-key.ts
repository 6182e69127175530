/**
 * Whether a JSON text may hold a key `__proto__`, which `JSON.parse` makes an own key and a careless copy
 * makes a prototype. An underscore may be written as an escape: such a text needs a second look.
 */
export const mayHoldProto = (text: string): boolean =>
  text.includes("__proto__") || (text.includes("\\u005") && /\\u005[fF]/.test(text));

/** Whether a parsed value has an own key `__proto__` at any depth; takes no stack, however deep it is nested. */
export function hasProto(value: unknown): boolean {
  const open: unknown[] = [value];
  while (open.length > 0) {
    const next = open.pop();
    if (typeof next !== "object" || next === null) continue;
    if (Object.hasOwn(next, "__proto__")) return true;
    for (const inner of Object.values(next)) open.push(inner);
  }
  return false;
}
