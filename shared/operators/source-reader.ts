import type { ErrorCode } from "../errors/codes.ts";
import { MillraceError, messageOf } from "../errors/millrace-error.ts";
import type { Key } from "../events/event.ts";
import { LineReader, type Texts } from "../json/line-reader.ts";
import { project, valueAt } from "../json/paths.ts";
import { parseTime } from "../time/clock.ts";
import type { EpochMs } from "../time/time.ts";
import { checkedKey } from "./checked-key.ts";
import type { StageSource } from "./stage.ts";

const ID = ["id"];

/**
 * Reads JSON lines as events of a source. Where nothing but the stage looks at them (a trusted schema, key and time
 * declared by their fields), lines are decoded as far as the stage reads; else whole, then validated.
 */
export class SourceReader {
  /** The payload's own id, where it has one that is a text. */
  id: string | undefined;
  time: EpochMs = 0 as EpochMs;
  key: Key = "";
  /** What the stage reads of the payload. */
  payload: unknown;
  readonly #source: StageSource;
  readonly #lines: LineReader;
  readonly #stage: string;

  /** @param stage - named in the errors of keys */
  constructor(source: StageSource, stage: string, texts: Texts) {
    const { paths, reads } = source;
    this.#source = source;
    this.#stage = stage;
    this.#lines =
      paths === undefined
        ? new LineReader(true, [], texts)
        : new LineReader(reads, [ID, ...paths.key, ...(paths.time ?? [])], texts);
  }

  /** See `LineReader.line`. */
  get line(): number {
    return this.#lines.line;
  }

  /**
   * Reads each line of a block that is not blank.
   * @param bytes - see `LineReader.each`, `to` too
   * @param untimed - the time of events where the stream declares none
   * @param take - `refused` says why the line is no event of the stream; what is read stands in this object
   * @throws MillraceError `RUN_INPUT` where the schema answers later
   */
  each(
    bytes: Uint8Array,
    to: number,
    untimed: EpochMs,
    take: (from: number, end: number, refused: MillraceError | undefined) => void,
  ): void {
    const read = this.#source.paths === undefined ? this.#whole : this.#part;
    this.#lines.each(bytes, to, (from, end, error) =>
      take(
        from,
        end,
        error === undefined
          ? read.call(this, untimed)
          : refused("BODY_JSON", `no JSON: ${messageOf(error)}`, error),
      ),
    );
  }

  /** Takes the id, the key's and the time's fields from where they were read besides the payload. */
  #part(untimed: EpochMs): MillraceError | undefined {
    const { extras, value } = this.#lines;
    const { paths } = this.#source;
    const keys = 1 + (paths?.key.length ?? 0);
    if (paths?.time === undefined) this.time = untimed;
    else {
      const at = parseTime(firstOf(extras, keys, extras.length));
      if (at === undefined) return refused("EVENT_TIME", NO_TIME);
      this.time = at;
    }
    const key = firstOf(extras, 1, keys);
    if (typeof key !== "string" && typeof key !== "number") return this.#noKey(() => key);
    this.key = key;
    const id = extras[0];
    this.id = typeof id === "string" ? id : undefined;
    this.payload = value;
    return undefined;
  }

  #whole(untimed: EpochMs): MillraceError | undefined {
    const { validate, time, key, reads } = this.#source;
    const result = validate(this.#lines.value);
    if (result instanceof Promise)
      throw new MillraceError("RUN_INPUT", "a schema that answers later cannot be used in a bounded run", {
        next: "refused",
      });
    if (result.issues !== undefined)
      return refused("EVENT_SCHEMA", result.issues[0]?.message ?? "not as its schema wants it");
    const at = time === undefined ? untimed : time(result.value);
    if (at === undefined) return refused("EVENT_TIME", NO_TIME);
    this.time = at;
    const problem = this.#noKey(() => key(result.value));
    if (problem !== undefined) return problem;
    const id = valueAt(result.value, ID);
    this.id = typeof id === "string" ? id : undefined;
    this.payload = project(result.value, reads);
    return undefined;
  }

  /** Takes the key; what is wrong with it, if anything is. */
  #noKey(keyOf: () => unknown): MillraceError | undefined {
    try {
      this.key = checkedKey(keyOf(), this.#stage);
      return undefined;
    } catch (thrown) {
      return thrown instanceof MillraceError ? thrown : refused("KEY_TYPE", messageOf(thrown), thrown);
    }
  }
}

const NO_TIME = "its time is missing or no time";

/** The first of some values that is there. */
function firstOf(values: readonly unknown[], from: number, to: number): unknown {
  for (let i = from; i < to; i += 1) {
    const value = values[i];
    if (value !== undefined && value !== null) return value;
  }
  return undefined;
}

const refused = (code: ErrorCode, message: string, cause?: unknown): MillraceError =>
  new MillraceError(code, message, { next: "dead-lettered", cause });
