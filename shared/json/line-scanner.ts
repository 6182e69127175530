import { LINES_WASM } from "./lines.wasm.ts";

/** Where in the memory what is, behind what the compiler put there: a table of templates, templates, what was found, lines. */
const TABLE = 1 << 12;
const TEMPLATES = TABLE + (1 << 8);
const FOUND = 1 << 16;
export const LINES: number = 1 << 17;
/** Zeros behind the lines: no step goes beyond the first, or looks at more. */
const PADDING = 32;

/** What kind of value was found. */
export const NUMBER = 0;
/** Plain ASCII. */
export const TEXT = 1;
/** These by their first letters. */
export const TRUE = 0x74;
export const FALSE = 0x66;
export const NULL = 0x6e;

/** A template in memory: its number, the bytes of what it finds, how often it fitted, and its steps. */
const HEAD = 16;
/** What is found: a line's template, from and end; then for each value its kind, and the number, or from and end. */
export const ITEM = 16;

/** What is used of WebAssembly, which TypeScript declares for browsers only. */
type Wasm = {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: unknown };
};
const { Module, Instance } = (globalThis as unknown as { readonly WebAssembly: Wasm }).WebAssembly;

type Exports = {
  readonly memory: { readonly buffer: ArrayBuffer };
  read(from: number, to: number, table: number, count: number, out: number, outEnd: number): number;
  foundEnd(): number;
  spaceEnd(from: number): number;
  stringEnd(from: number): number;
  valueEnd(from: number, depth: number): number;
};

/** The steps of a template, and how many values it finds. */
export type Program = { readonly steps: Uint8Array; readonly values: number };

/**
 * What goes through lines (`assembly/lines.ts`), with its memory. One serves all readers in turns: whoever reads
 * borrows it, and another is made only for who reads while another does.
 */
export class LineScanner {
  static readonly #free: LineScanner[] = [];
  readonly memory: Uint8Array;
  readonly view: DataView;
  readonly ints: Int32Array;
  readonly doubles: Float64Array;
  readonly #exports: Exports;
  /** Whose templates the memory holds. */
  #owner: unknown;
  #count = 0;
  #room = TEMPLATES;

  static borrow(): LineScanner {
    return LineScanner.#free.pop() ?? new LineScanner();
  }

  private constructor() {
    this.#exports = new Instance(compiled()).exports as Exports;
    const { buffer } = this.#exports.memory;
    this.memory = new Uint8Array(buffer);
    this.view = new DataView(buffer);
    this.ints = new Int32Array(buffer);
    this.doubles = new Float64Array(buffer);
  }

  giveBack(): void {
    LineScanner.#free.push(this);
  }

  /** Makes the memory hold an owner's templates, and no others. */
  own(owner: unknown, templates: readonly { readonly program: Program }[]): void {
    if (this.#owner === owner) return;
    this.#owner = owner;
    this.#count = 0;
    this.#room = TEMPLATES;
    for (const { program } of templates) this.add(program);
  }

  /** Adds a template of the owner, which bears the number of those before; says whether there is room for it. */
  add({ steps, values }: Program): boolean {
    const at = this.#room;
    const found = ITEM * (1 + values);
    if (at + HEAD + steps.length > FOUND || found > LINES - FOUND) return false;
    this.view.setInt32(at, this.#count, true);
    this.view.setInt32(at + 4, found, true);
    this.view.setInt32(at + 8, 0, true);
    this.memory.set(steps, at + HEAD);
    this.view.setInt32(TABLE + 4 * this.#count, at, true);
    this.#count += 1;
    this.#room = (at + HEAD + steps.length + 7) & -8;
    return true;
  }

  /** The most bytes of lines that it takes in: of a megabyte. Longer lines are left to `JSON.parse`. */
  get room(): number {
    return this.memory.length - LINES - PADDING;
  }

  /** Takes lines in, which then begin at `LINES`; says where they end. */
  load(bytes: Uint8Array, from: number, to: number): number {
    const end = LINES + to - from;
    this.memory.set(bytes.subarray(from, to), LINES);
    this.memory.fill(0, end, end + PADDING);
    return end;
  }

  /**
   * Reads line after line as far as a template fits; what is found begins at `FOUND`.
   * @returns where the first line begins that was not read
   */
  read(from: number, to: number): number {
    return this.#exports.read(from, to, TABLE, this.#count, FOUND, LINES);
  }

  get found(): number {
    return FOUND;
  }

  get foundEnd(): number {
    return this.#exports.foundEnd();
  }

  /** Over white space within a line. */
  spaceEnd(from: number): number {
    return this.#exports.spaceEnd(from);
  }

  /** Over a string, from behind its opening quote to behind its closing one; -1 where it is none. */
  stringEnd(from: number): number {
    return this.#exports.stringEnd(from);
  }

  /** Over a value of any kind; -1 where it is none, or is nested so deep that it is left to `JSON.parse`. */
  valueEnd(from: number): number {
    return this.#exports.valueEnd(from, 0);
  }
}

let module: object | undefined;

/** Compiled when it is needed first: a process that reads no lines has nothing to do with it. */
function compiled(): object {
  module ??= new Module(Uint8Array.from(atob(LINES_WASM), (char) => char.charCodeAt(0)));
  return module;
}
