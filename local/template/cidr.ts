/**
 * Fn::Cidr: the first `count` blocks of an address range, each with `hostBits` bits below its prefix
 * (https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-cidr.html).
 * @returns undefined where the range is none, or has no room for them
 */
export function cidrBlocks(range: string, count: number, hostBits: number): readonly string[] | undefined {
  const [address = "", prefix = ""] = range.split("/");
  const family = address.includes(":") ? IPV6 : IPV4;
  const base = family.parse(address);
  const prefixBits = Number(prefix);
  if (base === undefined || !/^\d+$/.test(prefix) || prefixBits > family.bits) return undefined;
  const spare = family.bits - prefixBits - hostBits;
  if (!(count >= 1 && count <= 256 && hostBits >= 1 && spare >= 0)) return undefined;
  if (BigInt(count) > 1n << BigInt(spare)) return undefined;
  const start = (base >> BigInt(family.bits - prefixBits)) << BigInt(family.bits - prefixBits);
  return Array.from({ length: count }, (_, index) => {
    const block = start + (BigInt(index) << BigInt(hostBits));
    return `${family.format(block)}/${family.bits - hostBits}`;
  });
}

type Family = {
  readonly bits: number;
  parse(address: string): bigint | undefined;
  format(address: bigint): string;
};

const IPV4: Family = {
  bits: 32,
  parse: (address) => {
    const parts = address.split(".");
    const valid = parts.length === 4 && parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) < 256);
    return valid ? numberOf(parts.map(BigInt), 8n) : undefined;
  },
  format: (address) => digitsOf(address, 8n, 4).join("."),
};

const IPV6: Family = {
  bits: 128,
  parse: (address) => {
    const [before = "", after, ...more] = address.split("::");
    const [head, tail] = [groups(before), groups(after ?? "")];
    const missing = 8 - head.length - tail.length;
    if (more.length > 0 || (after === undefined ? missing !== 0 : missing < 1)) return undefined;
    const parts = [...head, ...Array.from({ length: missing }, () => "0"), ...tail];
    const valid = parts.every((part) => /^[0-9a-f]{1,4}$/i.test(part));
    return valid
      ? numberOf(
          parts.map((part) => BigInt(`0x${part}`)),
          16n,
        )
      : undefined;
  },
  format: (address) => {
    const text = digitsOf(address, 16n, 8)
      .map((part) => part.toString(16))
      .join(":");
    return text.replace(/(^|:)0(:0)+$/, "::");
  },
};

const groups = (text: string): string[] => (text === "" ? [] : text.split(":"));
const numberOf = (parts: readonly bigint[], bits: bigint): bigint =>
  parts.reduce((number, part) => (number << bits) | part, 0n);
const digitsOf = (number: bigint, bits: bigint, count: number): bigint[] =>
  Array.from(
    { length: count },
    (_, index) => (number >> (bits * BigInt(count - 1 - index))) & ((1n << bits) - 1n),
  );
