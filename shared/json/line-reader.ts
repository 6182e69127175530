import { FALSE, ITEM, LINES, LineScanner, NULL, NUMBER, TEXT, TRUE } from "./line-scanner.ts";
import { type Path, project, type Tree, treeOf, valueAt } from "./paths.ts";
import { learnTemplate, type Reading, type Template } from "./template.ts";

/** Text in UTF-8, what is no UTF-8 replaced by U+FFFD. */
export type TextOf = (bytes: Uint8Array, from: number, to: number) => string;

/** How a reader makes texts of bytes. */
export type Texts = {
  readonly utf8: TextOf;
  /** The same of bytes below 0x80: most texts are, and may be quicker made so. */
  readonly ascii: TextOf;
  /** A character for each byte, which is the byte's where that is ASCII. */
  readonly bytewise: TextOf;
  /**
   * Whether texts may be parts of a larger one of `CHUNK` characters, all of which each of them keeps in memory:
   * quicker, for who keeps no text.
   */
  readonly shared: boolean;
};

/** Shapes that a reader knows at most: a line of a further one is left to `JSON.parse`. */
const MAX_TEMPLATES = 16;
/** Lines in a row that fitted no template, after which only every `RARELY`-th line is compared with them. */
const MAX_MISSES = 64;
const RARELY = 16;
/** Bytes of lines that are gone through at a time. */
const CHUNK = 1 << 15;
/** Shorter parts of a text are copied by V8, and keep nothing else in memory. */
const COPIED = 13;
/** Texts of a chunk from which on one text of it all is cheaper than each by itself. */
const MANY = 50;

const LINE_FEED = 0x0a;
const NO_BYTES = new Uint8Array(0);

/** White space as JSON has it. */
const BLANK = /^[ \t\r]*$/;

/** Takes a line: where it begins and ends in the block, and why it is no JSON, where it is none. */
type TakeLine = (from: number, end: number, error: unknown) => void;

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
  readonly #texts: Texts;
  readonly #templates: Template[] = [];
  readonly #kept: unknown[] = [];
  #bytes: Uint8Array = NO_BYTES;
  /** Where the lines begin that the scanner goes through, and where they end. */
  #from = 0;
  #to = 0;
  /** Their text by bytes, where many texts are parts of it. */
  #chunk: string | undefined;
  /** Texts that were asked for of these lines, and of those before them. */
  #asked = MANY;
  #askedBefore = 0;
  #misses = 0;

  /**
   * @param give - what is kept of each value
   * @param extras - paths that are read besides, whether or not the value keeps them
   */
  constructor(give: Tree, extras: readonly Path[], texts: Texts) {
    this.#reading = { give, extras, extraTree: treeOf(extras) };
    this.#texts = texts;
    this.extras = new Array(extras.length).fill(undefined);
  }

  /**
   * Reads all lines of a block.
   * @param to - where the lines end, their last line feed included where they have it
   * @param take - called for every line that is not blank: what was read stands in `value` and `extras`; or
   * `error` says why the line is no JSON
   */
  each(bytes: Uint8Array, to: number, take: TakeLine): void {
    const scanner = LineScanner.borrow();
    this.#bytes = bytes;
    this.line = 0;
    try {
      scanner.own(this, this.#templates);
      for (let from = 0; from < to; from = this.#to) this.#readChunk(scanner, from, to, take);
    } finally {
      scanner.giveBack();
      // not to be kept in memory until the next block
      this.#bytes = NO_BYTES;
      this.#chunk = undefined;
    }
  }

  /** Reads lines of a block from `from` on, and says in `#to` how far. */
  #readChunk(scanner: LineScanner, from: number, to: number, take: TakeLine): void {
    this.#from = from;
    this.#to = this.#chunkEnd(from, to);
    this.#chunk = undefined;
    this.#askedBefore = this.#asked;
    this.#asked = 0;
    if (this.#to - from > scanner.room) {
      this.#readLine(undefined, LINES, take);
      return;
    }
    const end = scanner.load(this.#bytes, from, this.#to);
    for (let at = LINES; at < end; ) {
      const fitted = this.#isWorthwhile() ? scanner.read(at, end) : at;
      if (fitted === at) at = this.#readLine(scanner, at, take);
      else {
        this.#misses = 0;
        this.#takeFound(scanner, take);
        at = fitted;
      }
    }
  }

  /** As many lines as a chunk holds, or else one. */
  #chunkEnd(from: number, to: number): number {
    if (to - from <= CHUNK) return to;
    const last = this.#bytes.lastIndexOf(LINE_FEED, from + CHUNK - 1);
    if (last >= from) return last + 1;
    const end = this.#bytes.indexOf(LINE_FEED, from + CHUNK);
    return end < 0 || end >= to ? to : end + 1;
  }

  #isWorthwhile(): boolean {
    return this.#misses < MAX_MISSES || this.#misses % RARELY === 0;
  }

  /** Takes the lines that were found to fit templates. */
  #takeFound(scanner: LineScanner, take: TakeLine): void {
    const { ints, found, foundEnd } = scanner;
    const origin = this.#from - LINES;
    for (let item = found; item < foundEnd; ) {
      const head = item >> 2;
      const template = this.#templates[ints[head] as number] as Template;
      for (let k = 0; k < template.program.values; k += 1) {
        item += ITEM;
        this.#kept[k] = this.#valueOf(scanner, item);
      }
      item += ITEM;
      this.value = template.build(this.#kept);
      for (let k = 0; k < template.extras.length; k += 1) {
        const place = template.extras[k] as number;
        this.extras[k] = place < 0 ? undefined : this.#kept[place];
      }
      this.line += 1;
      take((ints[head + 1] as number) + origin, (ints[head + 2] as number) + origin, undefined);
    }
  }

  #valueOf({ ints, doubles }: LineScanner, item: number): unknown {
    const kind = ints[item >> 2];
    if (kind === NUMBER) return doubles[(item >> 3) + 1];
    if (kind === NULL) return null;
    if (kind === TRUE || kind === FALSE) return kind === TRUE;
    const from = (ints[(item >> 2) + 2] as number) - LINES;
    const to = (ints[(item >> 2) + 3] as number) - LINES;
    if (kind === TEXT) return this.#textOf(from, to);
    return JSON.parse(this.#texts.utf8(this.#bytes, this.#from + from, this.#from + to));
  }

  /** A plain text, by its place among the lines of the chunk. */
  #textOf(from: number, to: number): string {
    const { ascii, bytewise, shared } = this.#texts;
    if (shared || to - from < COPIED) {
      this.#asked += 1;
      if (this.#chunk !== undefined) return this.#chunk.substring(from, to);
      if (this.#askedBefore >= MANY) {
        this.#chunk = bytewise(this.#bytes, this.#from, this.#to);
        return this.#chunk.substring(from, to);
      }
    }
    return ascii(this.#bytes, this.#from + from, this.#from + to);
  }

  /** Reads a line that fits no template, and says where the next one begins. */
  #readLine(scanner: LineScanner | undefined, at: number, take: TakeLine): number {
    const from = this.#from + at - LINES;
    let end = this.#bytes.indexOf(LINE_FEED, from);
    if (end < 0 || end > this.#to) end = this.#to;
    this.line += 1;
    this.#misses += 1;
    const text = this.#texts.utf8(this.#bytes, from, end);
    if (!BLANK.test(text)) {
      const error = this.#parse(text);
      if (error === undefined && scanner !== undefined && end < this.#to) this.#learn(scanner, at);
      take(from, end, error);
    }
    return at + end + 1 - from;
  }

  /** What is wrong with a line, if anything is. */
  #parse(text: string): unknown {
    let whole: unknown;
    try {
      whole = JSON.parse(text);
    } catch (thrown) {
      return thrown;
    }
    this.value = project(whole, this.#reading.give);
    for (const [i, path] of this.#reading.extras.entries()) this.extras[i] = valueAt(whole, path);
    return undefined;
  }

  #learn(scanner: LineScanner, from: number): void {
    if (this.#templates.length === MAX_TEMPLATES) return;
    const template = learnTemplate(scanner, from, this.#reading);
    if (template !== undefined && scanner.add(template.program)) this.#templates.push(template);
  }
}
