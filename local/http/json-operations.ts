/** The call that an operation answers. */
export type JsonCall = {
  /** Aborted once nobody waits for the answer any more. */
  readonly abandoned: () => AbortSignal;
};

/** What is to be stringified, or a promise of it. */
export type JsonOperation = (input: never, call: JsonCall) => unknown;

/**
 * The operations of a service that speaks AWS JSON, by name. Each gets the parsed body; the input's type is what the
 * caller is trusted to send, as the models check what matters.
 */
export type JsonOperations = Readonly<Record<string, JsonOperation>>;

/** A shape as it is sent: binary members are base64 texts. */
export const bytesOf = (base64: string): Uint8Array => Buffer.from(base64, "base64");

export const base64Of = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");

/** A copy in which binary is base64, at any depth. */
export function wireOf(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Uint8Array) return base64Of(value);
  if (Array.isArray(value)) return value.map(wireOf);
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, wireOf(member)]));
}
