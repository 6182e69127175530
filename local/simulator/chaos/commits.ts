import type { Item } from "../../models/dynamodb/attribute-value.ts";
import type { Call, ServiceFaults } from "../../models/faults.ts";
import { LOG_TABLE } from "../services.ts";

/** An entry that was put into a log. */
export type Committed = {
  /** The log: stage, partition and epoch. */
  readonly log: string;
  readonly nonce: string;
  readonly body: Uint8Array;
};

/** Keeps every entry that any log ever took, in that order: logs are shortened, and a judge must know all of it. */
export class Commits {
  readonly all: Committed[] = [];
  readonly #bodies = new Map<string, Uint8Array>();

  /** Hears of what a service has done, whether or not the caller learns of it. */
  readonly around: NonNullable<ServiceFaults["around"]> = (call, run) => {
    const result = run();
    this.#hear(call);
    return result;
  };

  #hear({ operation, input }: Call): void {
    if (operation === "PutObject") {
      const { Key, Body } = input as { readonly Key: string; readonly Body: Uint8Array };
      if (Key.startsWith("log/")) this.#bodies.set(Key, Body);
    }
    if (operation !== "PutItem") return;
    const { TableName, Item } = input as { readonly TableName: string; readonly Item: Item };
    if (TableName !== LOG_TABLE) return;
    const { pk, nonce, body, bodyKey } = Item;
    if (pk === undefined || !("S" in pk) || nonce === undefined || !("S" in nonce)) return;
    const bytes =
      body !== undefined && "B" in body
        ? body.B
        : this.#bodies.get(bodyKey !== undefined && "S" in bodyKey ? bodyKey.S : "");
    if (bytes === undefined) throw new TypeError(`an entry of ${pk.S} was put without its body`);
    this.all.push({ log: pk.S, nonce: nonce.S, body: bytes });
  }
}
