/**
 * Goes through JSON lines by templates: what lines of one shape have in common is compared eight bytes at a time, and
 * what is between is stepped over sixteen at a time, numbers read on the way. Written in AssemblyScript and
 * compiled into `../lines.wasm.ts` by `npm run build:wasm`. Memory is laid out as `../line-scanner.ts` says.
 */

import { plainEnd, spaceEnd, stringEnd, valueEnd } from "./scan";

export { spaceEnd, stringEnd, valueEnd };

// a template: its number, the bytes of what it finds, how often it fitted; then its steps
const ROOM: usize = 4;
const HITS: usize = 8;
const STEPS: usize = 16;

// a step: how many whole words of eight bytes follow, and these; then a mask, the word under it, how many bytes that
// leaves, and what happens to the value that follows
const WORD: i32 = 8;
const UNDER_MASK: usize = 8;
const REST: usize = 16;
const ACTION: usize = 20;
const STEP_END: usize = 24;

const SKIP: i32 = 0;
const KEEP_UNLESS_OBJECT: i32 = 2;
const END: i32 = 3;

// what is found: a line's template, from and end; then for each kept value its kind and, in the second half, the
// number, or from and end
const FOUND: usize = 16;
const NUMBER: i32 = 0;
const TEXT: i32 = 1;
const OTHER: i32 = 2;
// true, false and null are of the kind of their first letter

const QUOTE: u32 = 0x22;
const MINUS: u32 = 0x2d;
const ZERO: u32 = 0x30;
const LINE_FEED: u32 = 0x0a;
const OPEN_OBJECT: u32 = 0x7b;
const LETTERS: u32 = 0x61;
const POINT: u32 = 0x2e;

/** More need not fit into 64 bits. */
const MOST_DIGITS: i32 = 18;
const MOST_EXACT: i64 = 1 << 53;
/** Ten to the power of the place. */
const POWERS = memory.data<f64>([
  1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17,
]);

let found: usize = 0;

/** Behind what the last call of `read` found. */
export function foundEnd(): usize {
  return found;
}

/**
 * Reads line after line, as far as there is a template that fits and room for what is found.
 * @param to - where the lines end
 * @param table - addresses of `count` templates, those that fit most first; reordered
 * @returns where the first line begins that was not read
 */
export function read(from: usize, to: usize, table: usize, count: i32, out: usize, outEnd: usize): usize {
  found = out;
  let at = from;
  while (at < to) {
    const end = readLine(at, table, count, outEnd);
    if (end === 0) break;
    at = end + 1;
  }
  return at;
}

/** Where the line ends that begins at `from`; 0 where it was not read. */
function readLine(from: usize, table: usize, count: i32, outEnd: usize): usize {
  const head = found;
  const tableEnd = table + 4 * count;
  for (let place = table; place < tableEnd; place += 4) {
    const template = load<u32>(place) as usize;
    if (head + load<u32>(template, ROOM) > outEnd) break;
    found = head + FOUND;
    const end = match(template + STEPS, from as i32);
    if (end < 0 || load<u8>(end) !== LINE_FEED) continue;
    store<i32>(head, load<i32>(template));
    store<usize>(head, from, 4);
    store<i32>(head, end, 8);
    countHit(template, place, table);
    return end;
  }
  found = head;
  return 0;
}

/** Templates are tried in the order of how often they fitted. */
function countHit(template: usize, place: usize, table: usize): void {
  const hits = load<u32>(template, HITS) + 1;
  store<u32>(template, hits, HITS);
  if (place === table) return;
  const before = load<u32>(place - 4);
  if (hits <= load<u32>(before, HITS)) return;
  store<u32>(place, before);
  store<usize>(place - 4, template);
}

/** Where a line ends that fits the steps; -1 where it does not. */
function match(steps: usize, from: i32): i32 {
  let at = from;
  let step = steps;
  while (true) {
    const wordsEnd = step + WORD + WORD * load<u32>(step);
    for (step += WORD; step < wordsEnd; step += WORD) {
      if (load<u64>(at) !== load<u64>(step)) return -1;
      at += WORD;
    }
    if ((load<u64>(at) & load<u64>(step)) !== load<u64>(step, UNDER_MASK)) return -1;
    at += load<i32>(step, REST);
    const action = load<i32>(step, ACTION);
    step += STEP_END;
    if (action === END) return at;
    at = action === SKIP ? skip(at) : keep(at, action === KEEP_UNLESS_OBJECT);
    if (at < 0) return -1;
  }
}

function skip(from: i32): i32 {
  return load<u8>(from) === QUOTE ? stringEnd(from + 1) : valueEnd(from, 0);
}

function keep(from: i32, noObject: bool): i32 {
  const byte: u32 = load<u8>(from);
  let end: i32;
  if (byte === QUOTE) {
    const plain = plainEnd(from + 1);
    if (load<u8>(plain) === QUOTE) {
      putRange(TEXT, from + 1, plain);
      return plain + 1;
    }
    end = stringEnd(plain);
  } else {
    end = decimal(from, byte === MINUS);
    if (end >= 0) return end;
    if (byte === OPEN_OBJECT && noObject) return -1;
    end = valueEnd(from, 0);
  }
  if (end >= 0) putRange(byte >= LETTERS && byte < OPEN_OBJECT ? byte : OTHER, from, end);
  return end;
}

/**
 * Over a number of up to 18 digits without exponent, which is found where a double can be exact about it: a whole one,
 * which is rounded once; or one whose digits make less than 2^53, divided by a power of ten that is exact, too
 * (Clinger, PLDI 1990). -1 for any other.
 */
function decimal(from: i32, negative: bool): i32 {
  const first = negative ? from + 1 : from;
  let at = first;
  let value: i64 = 0;
  let digit = digitAt(at);
  for (; digit <= 9; digit = digitAt(at)) {
    value = value * 10 + digit;
    at += 1;
  }
  let digits = at - first;
  if (digits === 0 || (digits > 1 && load<u8>(first) === ZERO)) return -1;
  let places = 0;
  if (load<u8>(at) === POINT) {
    const point = at;
    at += 1;
    for (digit = digitAt(at); digit <= 9; digit = digitAt(at)) {
      value = value * 10 + digit;
      at += 1;
    }
    places = at - point - 1;
    digits += places;
    if (places === 0 || value > MOST_EXACT) return -1;
  }
  if (digits > MOST_DIGITS || (load<u8>(at) | 0x20) === 0x65) return -1;
  const magnitude = places === 0 ? (value as f64) : (value as f64) / load<f64>(POWERS + 8 * places);
  store<i32>(found, NUMBER);
  store<f64>(found, negative ? -magnitude : magnitude, 8);
  found += FOUND;
  return at;
}

// what is no digit is above 9
function digitAt(at: i32): u32 {
  return (load<u8>(at) as u32) - ZERO;
}

function putRange(kind: i32, from: i32, to: i32): void {
  store<i32>(found, kind);
  store<i32>(found, from, 8);
  store<i32>(found, to, 12);
  found += FOUND;
}
