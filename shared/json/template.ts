import { type Build, buildOf, type Plan } from "./build.ts";
import type { LineScanner, Program } from "./line-scanner.ts";
import type { Tree } from "./paths.ts";

/** What happens to the value at a place in which lines of one template differ. */
const SKIP = 0;
/** Kept, whatever it is. */
const KEEP = 1;
/** Kept unless it is an object, of which something else would be read. */
const KEEP_UNLESS_OBJECT = 2;
/** There is none: the line ends. */
const END = 3;

/**
 * What lines of one shape have in common: names, punctuation and white space between their values, byte for byte.
 * A line that has these bytes, and a valid value at each place between them, is valid JSON of this shape: nothing
 * else needs to be looked at. (That the next line looks like one before is Mison's bet: Li et al., VLDB 2017.)
 */
export type Template = {
  /**
   * For each place: how many words of eight bytes are to be equal, these words, a mask, what the word under it must
   * be, the number of bytes that the mask leaves, and what happens to the value that follows.
   */
  readonly program: Program;
  /** Puts the value together from what is kept, in the order of the line. */
  readonly build: Build;
  /** For each of the paths that are read besides: which kept value it is, or -1 in a shape without it. */
  readonly extras: readonly number[];
};

/** What is read of a line. */
export type Reading = {
  /** What the value keeps. */
  readonly give: Tree;
  /** Paths whose values are read besides. */
  readonly extras: readonly (readonly string[])[];
  /** The tree of these paths. */
  readonly extraTree: Tree;
};

/**
 * Learns the template of a line that is known to be valid.
 * @param from - where the line begins in the scanner's memory
 * @returns undefined where no template can say what the line means: a name twice in one object, or `__proto__`; or
 * where it is nested so deep that it is left to `JSON.parse`
 */
export function learnTemplate(scanner: LineScanner, from: number, reading: Reading): Template | undefined {
  const learner = new Learner(scanner, from, reading.extras.length);
  const plan = learner.value(scanner.spaceEnd(from), {
    give: reading.give,
    need: reading.extraTree,
    depth: 0,
    extras: reading.extras.map((path, i) => [path, i]),
  });
  if (plan === UNLEARNABLE) return undefined;
  learner.end();
  return {
    program: learner.program(),
    build: buildOf(plan ?? []),
    extras: learner.extras,
  };
}

/** What is read at one point of a line. */
type Point = {
  readonly give: Tree | undefined;
  readonly need: Tree | undefined;
  readonly depth: number;
  /** The rest of the paths that lead here, with their numbers. */
  readonly extras: readonly (readonly [path: readonly string[], number: number])[];
};

const UNLEARNABLE = "unlearnable";
/** Objects within objects of which something is read. */
const MAX_DEPTH = 64;
const WORD = 8;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

class Learner {
  readonly extras: number[];
  /** Where the step before ended. */
  #at: number;
  readonly #scanner: LineScanner;
  readonly #words: bigint[] = [];
  #literalFrom: number;
  #kept = 0;

  constructor(scanner: LineScanner, from: number, extras: number) {
    this.#scanner = scanner;
    this.#at = from;
    this.#literalFrom = from;
    this.extras = new Array(extras).fill(-1);
  }

  program(): Program {
    return { steps: new Uint8Array(BigUint64Array.from(this.#words).buffer), values: this.#kept };
  }

  /** Learns a value; says how the part of it that is given is put together, undefined where none of it is. */
  value(from: number, point: Point): Plan | undefined | typeof UNLEARNABLE {
    const { give, need } = point;
    const isObject = this.#byte(from) === OPEN_OBJECT;
    if (isObject && (give !== undefined || need !== undefined)) return this.#object(from, point);
    // one path may name the value while another leads into it
    const isEntered = (give !== undefined && give !== true) || point.extras.some(([path]) => path.length > 0);
    const isSkipped = give === undefined && need === undefined;
    this.#step(from, isSkipped ? SKIP : isEntered ? KEEP_UNLESS_OBJECT : KEEP);
    this.#at = this.#scanner.valueEnd(from);
    if (this.#at < 0) return UNLEARNABLE;
    this.#literalFrom = this.#at;
    if (isSkipped) return undefined;
    const kept = this.#kept;
    this.#kept += 1;
    for (const [path, number] of point.extras) if (path.length === 0) this.extras[number] = kept;
    return give === undefined ? undefined : kept;
  }

  #object(from: number, point: Point): Plan | undefined | typeof UNLEARNABLE {
    // a path to the object itself: no single kept value is it
    if (point.depth === MAX_DEPTH || point.extras.some(([path]) => path.length === 0)) return UNLEARNABLE;
    const fields: (readonly [string, Plan])[] = [];
    const names = new Set<string>();
    let at = this.#scanner.spaceEnd(from + 1);
    while (this.#byte(at) !== CLOSE_OBJECT) {
      const nameEnd = this.#scanner.stringEnd(at + 1);
      const name = JSON.parse(utf8.decode(this.#scanner.memory.subarray(at, nameEnd))) as string;
      if (names.has(name) || name === "__proto__") return UNLEARNABLE;
      names.add(name);
      const colon = this.#scanner.spaceEnd(nameEnd);
      const plan = this.value(this.#scanner.spaceEnd(colon + 1), below(point, name));
      if (plan === UNLEARNABLE) return plan;
      if (plan !== undefined) fields.push([name, plan]);
      at = this.#scanner.spaceEnd(this.#at);
      if (this.#byte(at) !== CLOSE_OBJECT) at = this.#scanner.spaceEnd(at + 1);
    }
    this.#at = at + 1;
    return point.give === undefined ? undefined : fields;
  }

  /** The line's end. */
  end(): void {
    this.#step(this.#scanner.spaceEnd(this.#at), END);
  }

  /** The bytes since the last value: whole words, then what is left of one; and what happens to what follows. */
  #step(to: number, action: number): void {
    const { view } = this.#scanner;
    const length = to - this.#literalFrom;
    const rest = length % WORD;
    this.#words.push(BigInt((length - rest) / WORD));
    for (let at = this.#literalFrom; at + WORD <= to; at += WORD)
      this.#words.push(view.getBigUint64(at, true));
    const mask = (1n << BigInt(8 * rest)) - 1n;
    this.#words.push(mask, view.getBigUint64(to - rest, true) & mask, BigInt(rest) | (BigInt(action) << 32n));
  }

  #byte(at: number): number {
    return this.#scanner.view.getUint8(at);
  }
}

function below({ give, need, depth, extras }: Point, name: string): Point {
  const inner = (tree: Tree | undefined): Tree | undefined => (tree === true ? true : tree?.get(name));
  return {
    give: inner(give),
    need: need === true ? undefined : need?.get(name),
    depth: depth + 1,
    extras: extras.flatMap(([path, number]) => (path[0] === name ? [[path.slice(1), number] as const] : [])),
  };
}
