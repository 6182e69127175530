import { type Build, buildOf, type Plan } from "./build.ts";
import type { Tree } from "./paths.ts";
import { spaceEnd, stringEnd, valueEnd } from "./scan.ts";

/** What happens to the value at a place in which lines of one template differ. */
export const SKIP = 0;
/** Kept, whatever it is. */
const KEEP = 1;
/** Kept unless it is an object, of which something else would be read. */
export const KEEP_UNLESS_OBJECT = 2;
/** There is none: the line ends. */
export const END = 3;

/**
 * What lines of one shape have in common: names, punctuation and white space between their values, byte for byte.
 * A line that has these bytes, and a valid value at each place between them, is valid JSON of this shape: nothing
 * else needs to be looked at. (That the next line looks like one before is Mison's bet: Li et al., VLDB 2017.)
 */
export type Template = {
  /**
   * For each place: how many words are to be equal, these words, a mask, what the word under it must be, the number
   * of bytes that the mask leaves, and what happens to the value that follows.
   */
  readonly program: Int32Array;
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
 * @param from - where the line begins in `bytes`, which go on for four bytes or more behind its end
 * @returns undefined where no template can say what the line means: a name twice in one object, or `__proto__`; or
 * where it is nested so deep that it is left to `JSON.parse`
 */
export function learnTemplate(bytes: Uint8Array, from: number, reading: Reading): Template | undefined {
  const learner = new Learner(bytes, from, reading.extras.length);
  const plan = learner.value(spaceEnd(learner.view, from), {
    give: reading.give,
    need: reading.extraTree,
    extras: reading.extras.map((path, i) => [path, i]),
  });
  if (plan === UNLEARNABLE) return undefined;
  learner.end();
  return {
    program: Int32Array.from(learner.program),
    build: buildOf(plan ?? []),
    extras: learner.extras,
  };
}

/** What is read at one point of a line. */
type Point = {
  readonly give: Tree | undefined;
  readonly need: Tree | undefined;
  /** The rest of the paths that lead here, with their numbers. */
  readonly extras: readonly (readonly [path: readonly string[], number: number])[];
};

const UNLEARNABLE = "unlearnable";
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

class Learner {
  readonly view: DataView;
  readonly program: number[] = [];
  readonly extras: number[];
  /** Where the step before ended. */
  at: number;
  readonly #bytes: Uint8Array;
  #literalFrom: number;
  #kept = 0;

  constructor(bytes: Uint8Array, from: number, extras: number) {
    this.#bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = from;
    this.#literalFrom = from;
    this.extras = new Array(extras).fill(-1);
  }

  /** Learns a value; says how the part of it that is given is put together, undefined where none of it is. */
  value(from: number, point: Point): Plan | undefined | typeof UNLEARNABLE {
    const { give, need } = point;
    const isObject = this.view.getUint8(from) === OPEN_OBJECT;
    if (isObject && (give !== undefined || need !== undefined)) return this.#object(from, point);
    this.#literal(from);
    // one path may name the value while another leads into it
    const isEntered = (give !== undefined && give !== true) || point.extras.some(([path]) => path.length > 0);
    if (give === undefined && need === undefined) this.program.push(SKIP);
    else this.program.push(isEntered ? KEEP_UNLESS_OBJECT : KEEP);
    this.at = valueEnd(this.view, from);
    if (this.at < 0) return UNLEARNABLE;
    this.#literalFrom = this.at;
    if (give === undefined && need === undefined) return undefined;
    const kept = this.#kept;
    this.#kept += 1;
    for (const [path, number] of point.extras) if (path.length === 0) this.extras[number] = kept;
    return give === undefined ? undefined : kept;
  }

  #object(from: number, point: Point): Plan | undefined | typeof UNLEARNABLE {
    // a path to the object itself: no single kept value is it
    if (point.extras.some(([path]) => path.length === 0)) return UNLEARNABLE;
    const fields: (readonly [string, Plan])[] = [];
    const names = new Set<string>();
    let at = spaceEnd(this.view, from + 1);
    while (this.view.getUint8(at) !== CLOSE_OBJECT) {
      const nameEnd = stringEnd(this.view, at + 1);
      const name = JSON.parse(utf8.decode(this.#bytes.subarray(at, nameEnd))) as string;
      if (names.has(name) || name === "__proto__") return UNLEARNABLE;
      names.add(name);
      const colon = spaceEnd(this.view, nameEnd);
      const plan = this.value(spaceEnd(this.view, colon + 1), below(point, name));
      if (plan === UNLEARNABLE) return plan;
      if (plan !== undefined) fields.push([name, plan]);
      at = spaceEnd(this.view, this.at);
      if (this.view.getUint8(at) !== CLOSE_OBJECT) at = spaceEnd(this.view, at + 1);
    }
    this.at = at + 1;
    return point.give === undefined ? undefined : fields;
  }

  /** The line's end. */
  end(): void {
    this.#literal(spaceEnd(this.view, this.at));
    this.program.push(END);
  }

  /** The bytes since the last value: whole words, then what is left of one. */
  #literal(to: number): void {
    const length = to - this.#literalFrom;
    const words = length >> 2;
    const rest = length & 3;
    this.program.push(words);
    for (let i = 0; i < words; i += 1) this.program.push(this.view.getInt32(this.#literalFrom + 4 * i, true));
    const mask = rest === 0 ? 0 : -1 >>> (32 - 8 * rest);
    this.program.push(mask, this.view.getInt32(to - rest, true) & mask, rest);
  }
}

function below({ give, need, extras }: Point, name: string): Point {
  const inner = (tree: Tree | undefined): Tree | undefined => (tree === true ? true : tree?.get(name));
  return {
    give: inner(give),
    need: need === true ? undefined : need?.get(name),
    extras: extras.flatMap(([path, number]) => (path[0] === name ? [[path.slice(1), number] as const] : [])),
  };
}
