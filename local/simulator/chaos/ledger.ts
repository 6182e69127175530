import type { Compression } from "../../../shared/frames/compression.ts";
import { decodeEntry, type Entry } from "../../../shared/protocol/entry.ts";
import type { LogItem } from "../../../shared/protocol/ports.ts";
import type { Item } from "../../models/dynamodb/attribute-value.ts";
import type { PutItemInput } from "../../models/dynamodb/dynamodb-api.ts";
import type { Call } from "../../models/faults.ts";
import { entryIn } from "../ports/commit-log.ts";
import { LOG_TABLE } from "../services.ts";

/** An entry that was put, with what it says. */
export type Committed = Put & { readonly entry: Entry };

/** An item of a log, and the epoch that the log was of. */
type Put = LogItem & { readonly epoch: number };

/** How far a partition's log counts. */
export type Reach = (stage: string, partition: number) => number;

/** Every entry that was ever put, noted as DynamoDB takes it: the log itself is shortened, and could be wrong. */
export class Ledger {
  /** Entries put in the place of others: the fence let two through. */
  readonly doubles: string[] = [];
  readonly #logs = new Map<string, Put[]>();
  readonly #ends: Reach[] = [];
  readonly #decoded = new WeakMap<Put, Committed>();
  readonly #bodies = new Map<string, Uint8Array>();
  readonly #compression: Compression;
  readonly #onCommit: (stage: string, nonce: string) => void;
  readonly #onTruncate: (stage: string) => void;

  constructor(
    compression: Compression,
    on: {
      readonly commit: (stage: string, nonce: string) => void;
      readonly truncate: (stage: string) => void;
    },
  ) {
    this.#compression = compression;
    this.#onCommit = on.commit;
    this.#onTruncate = on.truncate;
  }

  /** Looks at a call that a model has done. */
  watch({ operation, input }: Call): void {
    if (operation === "PutObject") {
      const { Key, Body } = input as { readonly Key: string; readonly Body: Uint8Array };
      if (Key.startsWith("log/")) this.#bodies.set(Key, Body);
    }
    if (operation === "PutItem") {
      const { TableName, Item } = input as PutItemInput;
      if (TableName === LOG_TABLE && "said" in Item) this.#put(Item);
    }
    if (operation === "DeleteItem") {
      const { TableName, Key } = input as { readonly TableName: string; readonly Key: Item };
      if (TableName === LOG_TABLE) this.#onTruncate(stageIn(textOf(Key["pk"])));
    }
  }

  /** The newest epoch counts only so far; what comes next is of the one after it. */
  end(reach: Reach): void {
    this.#ends.push(reach);
  }

  /** A partition's entries, in the order of their versions: of each epoch up to where it counts. */
  log(stage: string, partition: number): readonly Put[] {
    const epochs = this.#ends.map(
      (reach, epoch) => [this.#of(stage, partition, epoch), reach(stage, partition)] as const,
    );
    const newest = this.#of(stage, partition, epochs.length);
    if (epochs.length === 0) return newest;
    const whole: Put[] = [];
    let from = 0;
    for (const [log, reach] of epochs) {
      whole.push(...log.slice(from, reach));
      from = reach;
    }
    return [...whole, ...newest.slice(from)];
  }

  /** Entries of epochs that count no more. */
  abandoned(stage: string, partition: number): Committed[] {
    return this.#ends.flatMap((reach, epoch) =>
      this.#of(stage, partition, epoch)
        .slice(reach(stage, partition))
        .map((item) => this.#decode(item)),
    );
  }

  #of(stage: string, partition: number, epoch: number): readonly Put[] {
    return this.#logs.get(`${stage}#${partition}#${epoch}`) ?? [];
  }

  /** The same, decoded. */
  entries(stage: string, partition: number): Committed[] {
    return this.log(stage, partition).map((item) => this.#decode(item));
  }

  #decode(item: Put): Committed {
    const known = this.#decoded.get(item);
    if (known !== undefined) return known;
    const committed = { ...item, entry: decodeEntry(item.body, this.#compression) };
    this.#decoded.set(item, committed);
    return committed;
  }

  #put(item: Item): void {
    const pk = textOf(item["pk"]);
    const said = entryIn(item);
    const inline = item["body"];
    const body = inline !== undefined && "B" in inline ? inline.B : this.#bodies.get(textOf(item["bodyKey"]));
    const log = this.#logs.get(pk) ?? [];
    this.#logs.set(pk, log);
    if (log[said.v - 1] !== undefined) this.doubles.push(`log ${pk}: entry ${said.v} was put twice`);
    const epoch = Number(pk.slice(pk.lastIndexOf("#") + 1));
    log[said.v - 1] = { ...said, body: body ?? new Uint8Array(), epoch };
    this.#onCommit(stageIn(pk), said.nonce);
  }
}

const stageIn = (pk: string): string => pk.slice(0, pk.indexOf("#"));

const textOf = (value: Item[string] | undefined): string =>
  value !== undefined && "S" in value ? value.S : "";
