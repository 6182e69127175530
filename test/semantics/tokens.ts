/** One thing of a case's input, with its place. */
export type Token = { readonly at: number } & (
  | {
      readonly kind: "event";
      readonly channel: string | undefined;
      readonly key: string;
      readonly time: number;
      readonly value: number;
    }
  | { readonly kind: "watermark"; readonly channel: string; readonly time: number }
  | { readonly kind: "tick"; readonly time: number }
  | { readonly kind: "end" }
);

/** @throws SyntaxError for what is no input */
export const tokensOf = (input: string): Token[] => input.split(" ").map((text, i) => tokenOf(text, i + 1));

function tokenOf(text: string, at: number): Token {
  if (text === "end") return { at, kind: "end" };
  const [, tick] = /^tick@(\d+)$/.exec(text) ?? [];
  if (tick !== undefined) return { at, kind: "tick", time: Number(tick) };
  const [, upstream, told] = /^([xy])=(\d+|inf)$/.exec(text) ?? [];
  if (upstream !== undefined)
    return { at, kind: "watermark", channel: upstream, time: told === "inf" ? Infinity : Number(told) };
  const [, channel, key, time, value] = /^(?:([xy]):)?([a-z])@(-?\d+)(?:\*(\d+))?$/.exec(text) ?? [];
  if (key === undefined) throw new SyntaxError(`"${text}" is no input of a case`);
  return { at, kind: "event", channel, key, time: Number(time), value: Number(value ?? at) };
}
