import { type Path, project, type Tree, treeOf, valueAt } from "./paths.ts";
import { plainEnd, spaceEnd, stringEnd, valueEnd } from "./scan.ts";
import { END, KEEP_UNLESS_OBJECT, learnTemplate, type Reading, SKIP, type Template } from "./template.ts";

/** Text in UTF-8, what is no UTF-8 replaced by U+FFFD. */
export type TextOf = (bytes: Uint8Array, from: number, to: number) => string;

/** Shapes that a reader knows at most: a line of a further one is left to `JSON.parse`. */
const MAX_TEMPLATES = 16;
/** Lines in a row that fitted no template, after which only every `RARELY`-th line is compared with them. */
const MAX_MISSES = 64;
const RARELY = 16;

/** Bytes that a step may look at behind a line. */
export const PADDING = 8;

const LINE_FEED = 0x0a;
const QUOTE = 0x22;
const OPEN_OBJECT = 0x7b;
const MINUS = 0x2d;
/** Ten to the power of the place. */
const POWERS = Array.from({ length: 10 }, (_, i) => 10 ** i);

/**
 * Reads JSON lines as far as they are asked for: as `JSON.parse` and then `project` would, and with the same
 * refusals. Lines mostly look like one before, so that only what differs is looked at (`Template`); a line that
 * looks like none is parsed, and learnt from.
 */
export class LineReader {
  /** Of the line that was read last. */
  value: unknown;
  /** Of the same line, the values of the further paths; undefined where it has none. */
  readonly extras: unknown[];
  /** Its number in the block, from 1; lines that are blank are counted. After the last: how many there are. */
  line = 0;
  readonly #reading: Reading;
  readonly #textOf: TextOf;
  readonly #asciiOf: TextOf;
  readonly #templates: Template[] = [];
  readonly #hits: number[] = [];
  readonly #kept: unknown[] = [];
  #bytes: Uint8Array = new Uint8Array(0);
  #view: DataView = new DataView(new ArrayBuffer(0));
  #misses = 0;
  #number = 0;

  /**
   * @param give - what is kept of each value
   * @param extras - paths that are read besides, whether or not the value keeps them
   * @param asciiOf - the same as `textOf`, and only asked for bytes below 0x80: most texts are, and quicker made so
   */
  constructor(give: Tree, extras: readonly Path[], textOf: TextOf, asciiOf: TextOf = textOf) {
    this.#reading = { give, extras, extraTree: treeOf(extras) };
    this.#textOf = textOf;
    this.#asciiOf = asciiOf;
    this.extras = new Array(extras.length).fill(undefined);
  }

  /**
   * Reads all lines of a block.
   * @param bytes - begin with the lines and go on for `PADDING` zeros behind `to`, or behind whatever follows there
   * @param to - where the lines end, their last line feed included where they have it
   * @param take - called for every line that is not blank: what was read stands in `value` and `extras`; or
   * `error` says why the line is no JSON
   */
  each(bytes: Uint8Array, to: number, take: (from: number, end: number, error: unknown) => void): void {
    this.#load(bytes);
    this.line = 0;
    for (let from = 0; from < to; ) {
      let end = this.#read(from);
      let error: unknown;
      let blank = false;
      if (end < 0 || end >= to) {
        end = bytes.indexOf(LINE_FEED, from);
        if (end < 0 || end > to) end = to;
        blank = this.#isBlank(from, end);
        if (!blank) error = this.#parse(from, end);
      }
      this.line += 1;
      if (!blank) take(from, end, error);
      from = end + 1;
    }
  }

  #load(bytes: Uint8Array): void {
    if (this.#bytes === bytes) return;
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  #isBlank(from: number, to: number): boolean {
    return spaceEnd(this.#view, from) >= to;
  }

  /** Reads a line where it fits a template, and says where its line feed is; -1 where it is left to `#parse`. */
  #read(from: number): number {
    if (this.#misses >= MAX_MISSES && this.#misses++ % RARELY !== 0) return -1;
    const templates = this.#templates;
    for (let i = 0; i < templates.length; i += 1) {
      const template = templates[i] as Template;
      const end = this.#match(template.program, from);
      if (end < 0 || this.#bytes[end] !== LINE_FEED) continue;
      this.#misses = 0;
      this.value = template.build(this.#kept);
      for (let k = 0; k < template.extras.length; k += 1) {
        const place = template.extras[k] as number;
        this.extras[k] = place < 0 ? undefined : this.#kept[place];
      }
      this.#count(i);
      return end;
    }
    this.#misses += 1;
    return -1;
  }

  /** Parses a line that fits no template, and learns from it; what is wrong with it, if anything is. */
  #parse(from: number, to: number): unknown {
    let whole: unknown;
    try {
      whole = JSON.parse(this.#textOf(this.#bytes, from, to));
    } catch (thrown) {
      return thrown;
    }
    this.value = project(whole, this.#reading.give);
    for (const [i, path] of this.#reading.extras.entries()) this.extras[i] = valueAt(whole, path);
    if (this.#templates.length < MAX_TEMPLATES && this.#bytes[to] === LINE_FEED) this.#learn(from);
    return undefined;
  }

  #learn(from: number): void {
    const template = learnTemplate(this.#bytes, from, this.#reading);
    if (template === undefined) return;
    this.#templates.push(template);
    this.#hits.push(0);
  }

  /** Templates are tried in the order of how often they fitted. */
  #count(i: number): void {
    const hits = this.#hits;
    const now = (hits[i] as number) + 1;
    hits[i] = now;
    if (i === 0 || now <= (hits[i - 1] as number)) return;
    const templates = this.#templates;
    [templates[i - 1], templates[i]] = [templates[i] as Template, templates[i - 1] as Template];
    [hits[i - 1], hits[i]] = [now, hits[i - 1] as number];
  }

  /** Goes through a line as the program says; -1 where it does not fit. */
  #match(program: Int32Array, from: number): number {
    const view = this.#view;
    let at = from;
    let op = 0;
    let kept = 0;
    for (;;) {
      for (let words = program[op++] as number; words > 0; words -= 1) {
        if (view.getInt32(at, true) !== program[op++]) return -1;
        at += 4;
      }
      if ((view.getInt32(at, true) & (program[op++] as number)) !== program[op++]) return -1;
      at += program[op++] as number;
      const kind = program[op++];
      if (kind === SKIP) at = valueEnd(view, at);
      else if (kind === END) return at;
      else {
        at = this.#keep(at, kind === KEEP_UNLESS_OBJECT, kept);
        kept += 1;
      }
      if (at < 0) return -1;
    }
  }

  #keep(from: number, noObject: boolean, place: number): number {
    const byte = this.#view.getUint8(from);
    if (byte === QUOTE) {
      const end = plainEnd(this.#view, from + 1);
      if (this.#view.getUint8(end) === QUOTE) {
        this.#kept[place] = this.#asciiOf(this.#bytes, from + 1, end);
        return end + 1;
      }
    } else if (byte === MINUS || (byte >= 0x30 && byte <= 0x39)) {
      const end = this.#integer(from);
      if (end >= 0) {
        this.#kept[place] = this.#number;
        return end;
      }
    } else if (byte === OPEN_OBJECT && noObject) return -1;
    const end = byte === QUOTE ? stringEnd(this.#view, from + 1) : valueEnd(this.#view, from);
    if (end >= 0) this.#kept[place] = JSON.parse(this.#textOf(this.#bytes, from, end));
    return end;
  }

  /**
   * A whole number of up to 18 digits into `#number`; -1 for any other. Nine digits times a power of ten up to the
   * ninth are exact in a double, so that only the sum is rounded, as the whole number would be.
   */
  #integer(from: number): number {
    const view = this.#view;
    let at = from;
    const negative = view.getUint8(at) === MINUS;
    if (negative) at += 1;
    const first = at;
    let low = 0;
    let high = 0;
    let byte = view.getUint8(at);
    while (byte >= 0x30 && byte <= 0x39) {
      if (at - first === 9) {
        high = low;
        low = 0;
      }
      low = low * 10 + (byte - 0x30);
      at += 1;
      byte = view.getUint8(at);
    }
    const digits = at - first;
    if (digits === 0 || digits > 18 || byte === 0x2e || (byte | 0x20) === 0x65) return -1;
    if (digits > 1 && view.getUint8(first) === 0x30) return -1;
    const value = digits > 9 ? high * (POWERS[digits - 9] as number) + low : low;
    this.#number = negative ? -value : value;
    return at;
  }
}
