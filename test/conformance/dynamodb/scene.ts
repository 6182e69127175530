import { setTimeout as sleep } from "node:timers/promises";
import type { Case } from "../harness/case.ts";
import type { Answer, DynamoDb } from "./client.ts";
import { settled } from "./settled.ts";

export type Value = Readonly<Record<string, unknown>>;
export type Item = Readonly<Record<string, Value>>;

export const S = (text: string): Value => ({ S: text });
export const N = (number: number | string): Value => ({ N: String(number) });
export const B = (text: string): Value => ({ B: Buffer.from(text).toString("base64") });
export const L = (...elements: readonly Value[]): Value => ({ L: elements });
export const M = (members: Item): Value => ({ M: members });
export const NUMBERS = (...numbers: readonly (number | string)[]): Value => ({ NS: numbers.map(String) });
export const STRINGS = (...texts: readonly string[]): Value => ({ SS: texts });

/** `pk:S`, or `pk:S v:N`: a hash key and a sort key. */
export type Keys = string;
type Index = { readonly keys: Keys; readonly projection?: object };
export type Tabled = { readonly keys: Keys; readonly indexes?: Readonly<Record<string, Index>> };

/** One table of a service, and the calls to it; answers are made comparable. */
export class Scene {
  readonly table: string;
  readonly #client: DynamoDb;

  constructor(client: DynamoDb, table: string) {
    this.#client = client;
    this.table = table;
  }

  /** A call as it is, without a table name. */
  async call(operation: string, input: object): Promise<Answer> {
    return settled(await this.#client(operation, input), this.table);
  }

  /** A call that names the table. */
  on(operation: string, input: object = {}): Promise<Answer> {
    return this.call(operation, { TableName: this.table, ...input });
  }

  put(Item: Item, more: object = {}): Promise<Answer> {
    return this.on("PutItem", { Item, ...more });
  }

  async putAll(...items: readonly Item[]): Promise<void> {
    for (const item of items) {
      const { refused, message } = await this.put(item);
      if (refused !== undefined) throw new Error(`${refused}: ${message}`);
    }
  }

  get(Key: Item, more: object = {}): Promise<Answer> {
    return this.on("GetItem", { Key, ConsistentRead: true, ...more });
  }

  update(Key: Item, UpdateExpression: string, more: object = {}): Promise<Answer> {
    return this.on("UpdateItem", { Key, UpdateExpression, ...more });
  }

  delete(Key: Item, more: object = {}): Promise<Answer> {
    return this.on("DeleteItem", { Key, ...more });
  }

  query(KeyConditionExpression: string, values: Item, more: object = {}): Promise<Answer> {
    return this.on("Query", { KeyConditionExpression, ExpressionAttributeValues: values, ...more });
  }

  /** TransactWriteItems of members without their table's name. */
  transact(members: readonly Readonly<Record<string, object>>[], more: object = {}): Promise<Answer> {
    const TransactItems = members.map((member) =>
      Object.fromEntries(
        Object.entries(member).map(([kind, of]) => [kind, { TableName: this.table, ...of }]),
      ),
    );
    return this.call("TransactWriteItems", { TransactItems, ...more });
  }
}

let tables = 0;

/** A case with an on-demand table of its own. */
export function scene(
  name: string,
  tabled: Tabled | Keys,
  run: (scene: Scene) => Promise<unknown>,
  aws?: NonNullable<Case<DynamoDb>["aws"]>,
): Case<DynamoDb> {
  return {
    name,
    run: async (client) =>
      run(await withTable(client, typeof tabled === "string" ? { keys: tabled } : tabled)),
    ...(aws !== undefined && { aws }),
  };
}

/** A case that makes no table; its scene has a name for one. */
export const bare = (
  name: string,
  run: (scene: Scene) => Promise<unknown>,
  aws?: NonNullable<Case<DynamoDb>["aws"]>,
): Case<DynamoDb> => ({
  name,
  run: (client) => {
    tables += 1;
    return run(new Scene(client, `conformance-${process.pid}-${tables}`));
  },
  ...(aws !== undefined && { aws }),
});

/** The same answer without its message, where AWS's words are not what matters. */
export function coded({ message: _, ...rest }: Answer): Answer {
  return rest;
}

/** "taken", or the error's code. */
export const outcome = ({ refused = "taken" }: Answer): unknown => refused;

/** "taken", or the error's code and message. */
export const said = ({ refused, message }: Answer): string =>
  refused === undefined ? "taken" : `${refused}: ${message}`;

/** What becomes of each input, by its label; one after the other. */
export async function each<T>(
  inputs: Readonly<Record<string, T>>,
  run: (input: T) => Promise<unknown>,
): Promise<Readonly<Record<string, unknown>>> {
  const results: [string, unknown][] = [];
  for (const [label, input] of Object.entries(inputs)) results.push([label, await run(input)]);
  return Object.fromEntries(results);
}

/** A new on-demand table. */
export async function withTable(client: DynamoDb, { keys, indexes = {} }: Tabled): Promise<Scene> {
  tables += 1;
  const made = new Scene(client, `conformance-${process.pid}-${tables}`);
  const definitions = new Map(
    [keys, ...Object.values(indexes).map((index) => index.keys)].flatMap(attributesOf),
  );
  const answer = await made.on("CreateTable", {
    BillingMode: "PAY_PER_REQUEST",
    KeySchema: schemaOf(keys),
    AttributeDefinitions: [...definitions].map(([AttributeName, AttributeType]) => ({
      AttributeName,
      AttributeType,
    })),
    ...(Object.keys(indexes).length > 0 && {
      GlobalSecondaryIndexes: Object.entries(indexes).map(([IndexName, index]) => ({
        IndexName,
        KeySchema: schemaOf(index.keys),
        Projection: index.projection ?? { ProjectionType: "ALL" },
      })),
    }),
  });
  if (answer["refused"] !== undefined) throw new Error(JSON.stringify(answer));
  await untilActive(made);
  return made;
}

/** Waits until a table and its indexes can be used: some services are a moment in making them. */
export async function untilActive(made: Scene, TableName: string = made.table): Promise<void> {
  for (;;) {
    const text = JSON.stringify(await made.on("DescribeTable", { TableName }));
    if (!/"(?:Table|Index)Status":"(?!ACTIVE)/.test(text)) return;
    await sleep(20);
  }
}

const attributesOf = (keys: Keys): [string, string][] =>
  keys.split(" ").map((key) => {
    const [name = "", type = ""] = key.split(":");
    return [name, type];
  });

export const schemaOf = (keys: Keys): object[] =>
  attributesOf(keys).map(([AttributeName], i) => ({ AttributeName, KeyType: i === 0 ? "HASH" : "RANGE" }));
