/**
 * Steps over JSON in bytes, as RFC 8259 and `JSON.parse` have it: each function takes where something begins and
 * says where it ends, or -1 where it is not valid, or is what these functions leave to `JSON.parse`.
 *
 * Bytes from 0x80 on pass in strings: whoever reads bytes as text has them checked, or replaced, there. Line feeds
 * are no white space here, so that no step leaves its line. A step may look at 16 bytes behind the value.
 */

const QUOTE: u32 = 0x22;
const BACKSLASH: u32 = 0x5c;
const MINUS: u32 = 0x2d;
const ZERO: u32 = 0x30;
const OPEN_OBJECT: u32 = 0x7b;
const CLOSE_OBJECT: u32 = 0x7d;
const OPEN_ARRAY: u32 = 0x5b;
const CLOSE_ARRAY: u32 = 0x5d;
const TRUE: u32 = 0x65757274;
const ALSE: u32 = 0x65736c61;
const NULL: u32 = 0x6c6c756e;

/** Deeper values are left to `JSON.parse`, which needs no stack for them. */
const MAX_DEPTH: i32 = 64;

function byteAt(at: i32): u32 {
  return load<u8>(at);
}

/** Where the plain text of a string ends: at its closing quote, or at the first byte that is no plain ASCII. */
export function plainEnd(from: i32): i32 {
  let at = from;
  while (true) {
    const bytes = v128.load(at);
    // as signed bytes, controls and all from 0x80 on are less than a space
    const ends = v128.or(
      i8x16.lt_s(bytes, i8x16.splat(0x20)),
      v128.or(i8x16.eq(bytes, i8x16.splat(QUOTE as i8)), i8x16.eq(bytes, i8x16.splat(BACKSLASH as i8))),
    );
    const mask = i8x16.bitmask(ends);
    if (mask !== 0) return at + ctz(mask);
    at += 16;
  }
}

/** Over a string, from behind its opening quote to behind its closing one. */
export function stringEnd(from: i32): i32 {
  let at = plainEnd(from);
  while (true) {
    const byte = byteAt(at);
    if (byte === QUOTE) return at + 1;
    if (byte >= 0x80) at = plainEnd(at + 1);
    else if (byte === BACKSLASH) {
      at = escapeEnd(at + 1);
      if (at < 0) return -1;
      at = plainEnd(at);
    } else return -1;
  }
}

function escapeEnd(at: i32): i32 {
  switch (byteAt(at)) {
    case 0x22: // "
    case 0x5c: // \
    case 0x2f: // /
    case 0x62: // b
    case 0x66: // f
    case 0x6e: // n
    case 0x72: // r
    case 0x74: // t
      return at + 1;
    case 0x75: // u
      for (let i = 1; i <= 4; i += 1) if (!isHex(byteAt(at + i))) return -1;
      return at + 5;
    default:
      return -1;
  }
}

function isHex(byte: u32): bool {
  return isDigit(byte) || (byte | 0x20) - 0x61 <= 5;
}

function isDigit(byte: u32): bool {
  return byte - ZERO <= 9;
}

function digitsEnd(from: i32): i32 {
  let at = from;
  while (isDigit(byteAt(at))) at += 1;
  return at;
}

/** Over a number. Of 01 it is the 0: what follows a value is looked at by whoever comes to it. */
function numberEnd(from: i32): i32 {
  let at = from;
  if (byteAt(at) === MINUS) at += 1;
  if (byteAt(at) === ZERO) at += 1;
  else {
    const whole = digitsEnd(at);
    if (whole === at) return -1;
    at = whole;
  }
  if (byteAt(at) === 0x2e) {
    const fraction = digitsEnd(at + 1);
    if (fraction === at + 1) return -1;
    at = fraction;
  }
  if ((byteAt(at) | 0x20) === 0x65) {
    const sign = byteAt(at + 1);
    const digits = sign === 0x2b || sign === MINUS ? at + 2 : at + 1;
    at = digitsEnd(digits);
    if (at === digits) return -1;
  }
  return at;
}

/** Over white space within a line. */
export function spaceEnd(from: i32): i32 {
  let at = from;
  while (true) {
    const byte = byteAt(at);
    if (byte !== 0x20 && byte !== 0x09 && byte !== 0x0d) return at;
    at += 1;
  }
}

/** Over a value of any kind. */
export function valueEnd(from: i32, depth: i32): i32 {
  switch (byteAt(from)) {
    case QUOTE:
      return stringEnd(from + 1);
    case OPEN_OBJECT:
      return depth === MAX_DEPTH ? -1 : objectEnd(from, depth + 1);
    case OPEN_ARRAY:
      return depth === MAX_DEPTH ? -1 : arrayEnd(from, depth + 1);
    case 0x74:
      return load<u32>(from) === TRUE ? from + 4 : -1;
    case 0x66:
      return load<u32>(from + 1) === ALSE ? from + 5 : -1;
    case 0x6e:
      return load<u32>(from) === NULL ? from + 4 : -1;
    default:
      return numberEnd(from);
  }
}

function objectEnd(from: i32, depth: i32): i32 {
  let at = spaceEnd(from + 1);
  if (byteAt(at) === CLOSE_OBJECT) return at + 1;
  while (true) {
    if (byteAt(at) !== QUOTE) return -1;
    at = stringEnd(at + 1);
    if (at < 0) return -1;
    at = spaceEnd(at);
    if (byteAt(at) !== 0x3a) return -1;
    at = valueEnd(spaceEnd(at + 1), depth);
    if (at < 0) return -1;
    at = spaceEnd(at);
    const byte = byteAt(at);
    if (byte === CLOSE_OBJECT) return at + 1;
    if (byte !== 0x2c) return -1;
    at = spaceEnd(at + 1);
  }
}

function arrayEnd(from: i32, depth: i32): i32 {
  let at = spaceEnd(from + 1);
  if (byteAt(at) === CLOSE_ARRAY) return at + 1;
  while (true) {
    at = valueEnd(at, depth);
    if (at < 0) return -1;
    at = spaceEnd(at);
    const byte = byteAt(at);
    if (byte === CLOSE_ARRAY) return at + 1;
    if (byte !== 0x2c) return -1;
    at = spaceEnd(at + 1);
  }
}
