import { encodeValue } from "../state/codec.ts";
import type { Columns } from "./columns.ts";

const utf8 = new TextEncoder();
const COMMA = 0x2c;
const MINUS = 0x2d;
const ZERO = 0x30;
const OPEN = 0x5b;
const CLOSE = 0x5d;
/** The most that a safe integer takes: a sign, sixteen digits, and a comma behind. */
const MAX_INTEGER_BYTES = 18;
/** Digits of the lower part of a number that is written in two: either is a small integer then. */
const LOW_DIGITS = 8;
const LOW = 10 ** LOW_DIGITS;
const SMALL = 2 ** 30;

/** Kept between two calls up to this size; what is larger is made anew. */
const MAX_KEPT_BYTES = 4 * 1024 * 1024;
let bytes = new Uint8Array(64 * 1024);
let length = 0;

/**
 * The bytes of `encodeValue({ fields, columns })`, without making that text of numbers: digits are written where they
 * are to be, and a column that says what another has said, as a key does that is also a field, is copied. Both
 * take a stage before a shuffle longer than its fold where they go by way of texts.
 * @throws MillraceError `VALUE_UNSUPPORTED`
 */
export function bytesOfColumns({ fields, columns }: Columns): Uint8Array {
  length = 0;
  try {
    text(`{"fields":${encodeValue(fields)},"columns":[`);
    const starts: number[] = [];
    const ends: number[] = [];
    columns.forEach((column, i) => {
      if (i > 0) byte(COMMA);
      starts.push(length);
      const twin = columns.findIndex((other, j) => j < i && isSame(column, other));
      if (twin >= 0) copy(starts[twin] ?? 0, ends[twin] ?? 0);
      else if (!integers(column)) text(encodeValue(column));
      ends.push(length);
    });
    text("]}");
    return bytes.slice(0, length);
  } finally {
    if (bytes.length > MAX_KEPT_BYTES) bytes = new Uint8Array(64 * 1024);
  }
}

/** Most columns differ in their first value, so that looking costs little. */
function isSame(a: readonly unknown[], b: readonly unknown[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i += 1) if (!Object.is(a[i], b[i])) return false;
  return true;
}

/** Writes a column of whole numbers; false where it is none, and then nothing counts as written. */
function integers(column: readonly unknown[]): boolean {
  reserve(2 + column.length * MAX_INTEGER_BYTES);
  const out = bytes;
  let at = length;
  out[at++] = OPEN;
  for (let i = 0; i < column.length; i += 1) {
    const value = column[i];
    // -0 is no integer that JSON knows
    if (!Number.isSafeInteger(value) || Object.is(value, -0)) return false;
    if (i > 0) out[at++] = COMMA;
    at = integer(value as number, out, at);
  }
  out[at++] = CLOSE;
  length = at;
  return true;
}

/** Writes a number at a place, and tells the place behind it. */
function integer(value: number, out: Uint8Array, at: number): number {
  if (value < 0) {
    out[at] = MINUS;
    return integer(-value, out, at + 1);
  }
  if (value < SMALL) return digits(value, digitsOf(value), out, at);
  const high = Math.floor(value / LOW);
  return digits(value - high * LOW, LOW_DIGITS, out, digits(high, digitsOf(high), out, at));
}

function digitsOf(small: number): number {
  let count = 1;
  for (let bound = 10; bound <= small; bound *= 10) count += 1;
  return count;
}

function digits(small: number, count: number, out: Uint8Array, at: number): number {
  let left = small | 0;
  for (let place = at + count - 1; place >= at; place -= 1) {
    const rest = (left / 10) | 0;
    out[place] = ZERO + (left - rest * 10);
    left = rest;
  }
  return at + count;
}

function text(written: string): void {
  // a UTF-16 unit takes three bytes at most
  reserve(written.length * 3);
  length += utf8.encodeInto(written, bytes.subarray(length)).written;
}

function byte(one: number): void {
  reserve(1);
  bytes[length++] = one;
}

function copy(from: number, to: number): void {
  reserve(to - from);
  bytes.copyWithin(length, from, to);
  length += to - from;
}

function reserve(more: number): void {
  if (length + more <= bytes.length) return;
  const larger = new Uint8Array(Math.max(2 * bytes.length, length + more));
  larger.set(bytes.subarray(0, length));
  bytes = larger;
}
