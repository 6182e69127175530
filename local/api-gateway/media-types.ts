/**
 * Whether a body of this type travels in base64. Parameters of the type do not count.
 * A list with a star-slash-star entry takes every type, and also a body that names none.
 */
export function isBinaryType(header: string | undefined, binaryMediaTypes: readonly string[]): boolean {
  if (binaryMediaTypes.includes("*/*")) return true;
  const types = (header ?? "").split(",").map((type) => type.split(";")[0]?.trim().toLowerCase() ?? "");
  return types.some((type) => binaryMediaTypes.some((binary) => matches(type, binary.toLowerCase())));
}

const matches = (type: string, pattern: string): boolean =>
  pattern.endsWith("/*") ? type.startsWith(pattern.slice(0, -1)) : type === pattern;

/** The type that an Accept header names first: it decides whether an answer is decoded. */
export const firstType = (accept: string | undefined): string | undefined => accept?.split(",")[0];
