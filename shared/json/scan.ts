/**
 * Steps over JSON in bytes, as RFC 8259 and `JSON.parse` have it: every function takes where something begins and
 * says where it ends, or -1 where it is not valid, or is what these functions leave to `JSON.parse`.
 *
 * Bytes from 0x80 on pass in strings: whoever reads bytes as text has them checked, or replaced, there.
 * Line feeds are no white space here, so that no step leaves its line. What is read lies in `view`; a step may look
 * at up to three bytes behind the value that it steps over.
 */

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const MINUS = 0x2d;
const ZERO = 0x30;
const NINE = 0x39;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;

/** Deeper values are left to `JSON.parse`, which needs no stack for them. */
const MAX_DEPTH = 64;

/**
 * Where the plain text of a string ends: at its closing quote, or at the first byte that is no plain ASCII. Four
 * bytes at a time, by the known trick: a byte is less than n where subtracting n borrows from its highest bit.
 */
export function plainEnd(view: DataView, from: number): number {
  let at = from;
  for (;;) {
    const word = view.getInt32(at, true);
    const quotes = word ^ 0x22222222;
    const backslashes = word ^ 0x5c5c5c5c;
    const found =
      (((quotes - 0x01010101) & ~quotes) |
        ((backslashes - 0x01010101) & ~backslashes) |
        (word - 0x20202020) |
        word) &
      0x80808080;
    // a borrow may mark bytes after the first that is found, never before it
    if (found !== 0) return at + ((31 - Math.clz32(found & -found)) >> 3);
    at += 4;
  }
}

/** Over a string, from behind its opening quote to behind its closing one. */
export function stringEnd(view: DataView, from: number): number {
  let at = plainEnd(view, from);
  for (;;) {
    const byte = view.getUint8(at);
    if (byte === QUOTE) return at + 1;
    if (byte >= 0x80) at = plainEnd(view, at + 1);
    else if (byte === BACKSLASH) {
      at = escapeEnd(view, at + 1);
      if (at < 0) return -1;
      at = plainEnd(view, at);
    } else return -1;
  }
}

function escapeEnd(view: DataView, at: number): number {
  switch (view.getUint8(at)) {
    case QUOTE:
    case BACKSLASH:
    case 0x2f: // /
    case 0x62: // b
    case 0x66: // f
    case 0x6e: // n
    case 0x72: // r
    case 0x74: // t
      return at + 1;
    case 0x75: // u
      for (let i = 1; i <= 4; i += 1) if (!isHex(view.getUint8(at + i))) return -1;
      return at + 5;
    default:
      return -1;
  }
}

const isHex = (byte: number): boolean =>
  (byte >= ZERO && byte <= NINE) || ((byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x66);

const isDigit = (byte: number): boolean => byte >= ZERO && byte <= NINE;

/** Over a number. Of 01 it is the 0: what follows a value is looked at by whoever comes to it. */
function numberEnd(view: DataView, from: number): number {
  let at = from;
  if (view.getUint8(at) === MINUS) at += 1;
  if (view.getUint8(at) === ZERO) at += 1;
  else {
    const whole = digitsEnd(view, at);
    if (whole === at) return -1;
    at = whole;
  }
  if (view.getUint8(at) === 0x2e) {
    const fraction = digitsEnd(view, at + 1);
    if (fraction === at + 1) return -1;
    at = fraction;
  }
  if ((view.getUint8(at) | 0x20) === 0x65) {
    const sign = view.getUint8(at + 1);
    const digits = sign === 0x2b || sign === MINUS ? at + 2 : at + 1;
    at = digitsEnd(view, digits);
    if (at === digits) return -1;
  }
  return at;
}

function digitsEnd(view: DataView, from: number): number {
  let at = from;
  while (isDigit(view.getUint8(at))) at += 1;
  return at;
}

/** Over white space within a line. */
export function spaceEnd(view: DataView, from: number): number {
  let at = from;
  for (;;) {
    const byte = view.getUint8(at);
    if (byte !== 0x20 && byte !== 0x09 && byte !== 0x0d) return at;
    at += 1;
  }
}

/** Over a value of any kind. */
export function valueEnd(view: DataView, from: number, depth = 0): number {
  switch (view.getUint8(from)) {
    case QUOTE:
      return stringEnd(view, from + 1);
    case OPEN_OBJECT:
      return depth === MAX_DEPTH ? -1 : objectEnd(view, from, depth + 1);
    case OPEN_ARRAY:
      return depth === MAX_DEPTH ? -1 : arrayEnd(view, from, depth + 1);
    case 0x74:
      return view.getInt32(from, true) === TRUE ? from + 4 : -1;
    case 0x66:
      return view.getInt32(from + 1, true) === ALSE ? from + 5 : -1;
    case 0x6e:
      return view.getInt32(from, true) === NULL ? from + 4 : -1;
    default:
      return numberEnd(view, from);
  }
}

const TRUE = 0x65757274;
const ALSE = 0x65736c61;
const NULL = 0x6c6c756e;

function objectEnd(view: DataView, from: number, depth: number): number {
  let at = spaceEnd(view, from + 1);
  if (view.getUint8(at) === CLOSE_OBJECT) return at + 1;
  for (;;) {
    if (view.getUint8(at) !== QUOTE) return -1;
    at = stringEnd(view, at + 1);
    if (at < 0) return -1;
    at = spaceEnd(view, at);
    if (view.getUint8(at) !== 0x3a) return -1;
    at = valueEnd(view, spaceEnd(view, at + 1), depth);
    if (at < 0) return -1;
    at = spaceEnd(view, at);
    const byte = view.getUint8(at);
    if (byte === CLOSE_OBJECT) return at + 1;
    if (byte !== 0x2c) return -1;
    at = spaceEnd(view, at + 1);
  }
}

function arrayEnd(view: DataView, from: number, depth: number): number {
  let at = spaceEnd(view, from + 1);
  if (view.getUint8(at) === CLOSE_ARRAY) return at + 1;
  for (;;) {
    at = valueEnd(view, at, depth);
    if (at < 0) return -1;
    at = spaceEnd(view, at);
    const byte = view.getUint8(at);
    if (byte === CLOSE_ARRAY) return at + 1;
    if (byte !== 0x2c) return -1;
    at = spaceEnd(view, at + 1);
  }
}
