import { randomUUID } from "node:crypto";
import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { ErrorCode } from "../../shared/errors/codes.ts";
import { messageOf } from "../../shared/errors/millrace-error.ts";
import type { WireEvent } from "../../shared/events/event.ts";
import { parseTime } from "../../shared/time/clock.ts";
import { type EpochMs, epochMs } from "../../shared/time/time.ts";
import { refused } from "../aws/answer.ts";
import { MAX_EVENTS, MAX_ID_CHARS, MAX_KEY_CHARS } from "./limits.ts";
import { hasProto } from "./proto-key.ts";
import { fieldOf, type Source } from "./source.ts";
import { type Rejection, rejection } from "./verdict.ts";

/** What a CloudEvent says beside its data. */
export type Attributes = { readonly id: string; readonly time: string | undefined };

/** The accepted events of one partition, in the order of the request, and the index of each there. */
export type Lane = {
  readonly partition: number;
  readonly events: WireEvent[];
  readonly indexes: number[];
};

export type SorterOptions = {
  readonly arrivedAt: EpochMs;
  /** Names the events that have no id of their own. */
  readonly idempotencyKey: string | undefined;
  /** Whether the body may hold a key `__proto__`: only then are values searched for one. */
  readonly mayHoldProto: boolean;
};

type Result = StandardSchemaV1.Result<unknown>;

/** Times that have an ISO form of four-digit years, which logs, lakes and people read. */
const EARLIEST: EpochMs = epochMs(-62_167_219_200_000);
const LATEST: EpochMs = epochMs(253_402_300_799_999);

/**
 * Judges the events of one request, in order, and sorts the good ones by partition. One that is refused
 * leaves the others as they are.
 *
 * An event's id is the first of: a CloudEvent's `id`; a string field `id` of the payload; the request's
 * Idempotency-Key, a slash and the event's index; a random UUID. A client that sends an event again should
 * give it one of the first three, since only these stay the same.
 */
export class EventSorter {
  readonly rejected: Rejection[] = [];
  readonly #source: Source;
  readonly #options: SorterOptions;
  readonly #lanes: (Lane | undefined)[];
  #next = 0;

  constructor(source: Source, options: SorterOptions) {
    this.#source = source;
    this.#options = options;
    this.#lanes = new Array<Lane | undefined>(source.partitions);
  }

  /** Events seen, good or not. */
  get count(): number {
    return this.#next;
  }

  get lanes(): readonly Lane[] {
    return this.#lanes.filter((lane) => lane !== undefined);
  }

  /** Refuses the next event. */
  refuse(code: ErrorCode, message: string): void {
    this.#reject(this.#index(), code, message);
  }

  /** Judges the next event. Wait for what it gives before the next one, so that the order stays. */
  take(data: unknown, attributes?: Attributes): Promise<void> | undefined {
    const index = this.#index();
    if (this.#options.mayHoldProto && hasProto(data)) {
      this.#reject(index, "EVENT_PROTO", 'a field is named "__proto__"');
      return undefined;
    }
    let result: Result | Promise<Result>;
    try {
      result = this.#source.validate(data);
    } catch (thrown) {
      this.#schemaFailed(index, thrown);
      return undefined;
    }
    if (result instanceof Promise)
      return result.then(
        (settled) => this.#place(index, settled, attributes),
        (thrown: unknown) => this.#schemaFailed(index, thrown),
      );
    this.#place(index, result, attributes);
    return undefined;
  }

  #index(): number {
    if (this.#next === MAX_EVENTS)
      throw refused("BODY_TOO_LARGE", `the body holds more than ${MAX_EVENTS} events; send them in several`);
    return this.#next++;
  }

  #place(index: number, result: Result, attributes: Attributes | undefined): void {
    if (result.issues !== undefined) {
      this.#refusedBySchema(index, result.issues);
      return;
    }
    const payload = result.value;
    const time = this.#timeOf(index, payload, attributes);
    if (time === undefined) return;
    const key = this.#extracted(index, "EVENT_KEY", this.#source.key, payload);
    if (key === REFUSED) return;
    if (typeof key === "string" ? key.length > MAX_KEY_CHARS : !Number.isFinite(key)) {
      this.#reject(index, "EVENT_KEY", `the key is ${shown(key)}`);
      return;
    }
    const id = this.#idOf(index, payload, attributes);
    if (id.length === 0 || id.length > MAX_ID_CHARS || !id.isWellFormed()) {
      this.#reject(index, "EVENT_ID", `the id is ${shown(id)}`);
      return;
    }
    const partition = this.#source.partitionOf(key as string | number);
    let lane = this.#lanes[partition];
    if (lane === undefined) {
      lane = { partition, events: [], indexes: [] };
      this.#lanes[partition] = lane;
    }
    lane.events.push([id, time, payload]);
    lane.indexes.push(index);
  }

  #idOf(index: number, payload: unknown, attributes: Attributes | undefined): string {
    if (attributes !== undefined) return attributes.id;
    const own = fieldOf(payload, "id");
    if (typeof own === "string" && own !== "") return own;
    const { idempotencyKey } = this.#options;
    return idempotencyKey === undefined ? randomUUID() : `${idempotencyKey}/${index}`;
  }

  /** The event time; undefined once the event is refused for it. */
  #timeOf(index: number, payload: unknown, attributes: Attributes | undefined): EpochMs | undefined {
    const { time: read, limits } = this.#source;
    const { arrivedAt } = this.#options;
    const stated =
      read === undefined
        ? (attributes?.time ?? arrivedAt)
        : this.#extracted(index, "EVENT_TIME", read, payload);
    if (stated === REFUSED) return undefined;
    const time = parseTime(stated);
    if (time === undefined || time < EARLIEST || time > LATEST) {
      this.#reject(
        index,
        "EVENT_TIME",
        `the event time is ${shown(stated)}; send RFC 3339 or epoch milliseconds`,
      );
      return undefined;
    }
    if (limits.maxAge !== undefined && arrivedAt - time > limits.maxAge) {
      this.#reject(
        index,
        "EVENT_TOO_OLD",
        `the event time is ${arrivedAt - time} ms ago; ${limits.maxAge} is the limit`,
      );
      return undefined;
    }
    if (limits.maxAhead !== undefined && time - arrivedAt > limits.maxAhead) {
      this.#reject(
        index,
        "EVENT_AHEAD",
        `the event time is ${time - arrivedAt} ms ahead; ${limits.maxAhead} is the limit`,
      );
      return undefined;
    }
    return time;
  }

  /** What the user's function gives; `REFUSED` where it throws. */
  #extracted(
    index: number,
    code: ErrorCode,
    extract: (payload: unknown) => unknown,
    payload: unknown,
  ): unknown {
    try {
      return extract(payload);
    } catch (thrown) {
      this.#reject(index, code, `the stream's function threw: ${messageOf(thrown)}`);
      return REFUSED;
    }
  }

  #refusedBySchema(index: number, issues: readonly StandardSchemaV1.Issue[]): void {
    const [issue] = issues;
    const path = issue?.path?.map((part) => String(typeof part === "object" ? part.key : part)).join(".");
    const ofTime = path !== undefined && path === this.#source.timeField;
    this.#reject(
      index,
      ofTime ? "EVENT_TIME" : "EVENT_SCHEMA",
      issue?.message ?? "the schema refuses it",
      path,
    );
  }

  #schemaFailed(index: number, thrown: unknown): void {
    this.#reject(index, "EVENT_SCHEMA", `the schema threw: ${messageOf(thrown)}`);
  }

  #reject(index: number, code: ErrorCode, message: string, path?: string): void {
    this.rejected.push(rejection(index, code, message, path));
  }
}

const REFUSED: unique symbol = Symbol("refused");

const shown = (value: unknown): string => {
  if (typeof value === "string")
    return value.length > 60 ? `a text of ${value.length} characters` : JSON.stringify(value);
  if (value === undefined) return "missing";
  return typeof value === "object" && value !== null ? "an object" : String(value);
};
