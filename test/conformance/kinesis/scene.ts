import { setTimeout as sleep } from "node:timers/promises";
import type { Case } from "../harness/case.ts";
import type { Answer, Kinesis } from "./client.ts";

const POLL_MS = 20;
const EMPTY_PAGES = 3;

/** A shard without its sequence numbers. */
export type SeenShard = {
  readonly id: number;
  readonly parents: readonly number[];
  readonly from: string;
  readonly to: string;
  readonly open: boolean;
};

/** What a reader saw of a shard. */
export type Seen = {
  readonly texts: readonly string[];
  /** Its children and their parents, where it came to the end of a closed shard. */
  readonly ended: false | readonly { readonly id: number; readonly parents: readonly number[] }[];
};

/** `shardId-000000000007` for 7. */
export const shardId = (index: number): string => `shardId-${String(index).padStart(12, "0")}`;
const indexOf = (id: unknown): number => Number(String(id).replace("shardId-", ""));
export const base64 = (text: string): string => Buffer.from(text).toString("base64");
const textOf = (data: unknown): string => Buffer.from(String(data), "base64").toString();

/** One stream of a service, and the calls to it. */
export class Scene {
  readonly name: string;
  readonly arn: string;
  readonly #client: Kinesis;

  constructor(client: Kinesis, name: string) {
    this.#client = client;
    this.name = name;
    this.arn = `arn:aws:kinesis:us-east-1:000000000000:stream/${name}`;
  }

  /** Another stream, whose name follows this one's. */
  sibling(suffix: string): Scene {
    return new Scene(this.#client, `${this.name}-${suffix}`);
  }

  /** Deletes the stream, where it is there. */
  async remove(): Promise<void> {
    await this.settled();
    await this.on("DeleteStream", { EnforceConsumerDeletion: true });
  }

  /** A call as it is. */
  call(operation: string, input: object = {}): Promise<Answer> {
    return this.#client(operation, input);
  }

  /** A call that names the stream. */
  on(operation: string, input: object = {}): Promise<Answer> {
    return this.call(operation, { StreamName: this.name, ...input });
  }

  /** A call that changes the stream, which is ACTIVE again when it returns. */
  async change(operation: string, input: object = {}): Promise<Answer> {
    const answer = await this.on(operation, input);
    if (answer["refused"] === undefined) await this.settled();
    return answer;
  }

  /** Makes the stream, and waits until it is ACTIVE. */
  async create(shards = 1, more: object = {}): Promise<void> {
    await this.must("CreateStream", { ShardCount: shards, ...more });
    await this.settled();
  }

  /** Changes the stream, and throws where that is refused. */
  async must(operation: string, input: object = {}): Promise<Answer> {
    const answer = await this.change(operation, input);
    if (answer["refused"] !== undefined) throw new Error(`${operation}: ${JSON.stringify(answer)}`);
    return answer;
  }

  async summary(): Promise<Answer> {
    return (await this.on("DescribeStreamSummary"))["StreamDescriptionSummary"] as Answer;
  }

  async status(): Promise<unknown> {
    return (await this.summary())?.["StreamStatus"] ?? "gone";
  }

  /** Waits until the stream is ACTIVE, or gone. */
  async settled(): Promise<void> {
    for (;;) {
      const status = await this.status();
      if (status === "ACTIVE" || status === "gone") return;
      await sleep(POLL_MS);
    }
  }

  /** Puts a text; returns its shard and sequence number. */
  async put(text: string, more: object = {}): Promise<{ readonly shard: number; readonly number: string }> {
    const record = { PartitionKey: text, Data: base64(text), ...more };
    const answer = await this.on("PutRecord", record);
    if (answer["refused"] !== undefined) throw new Error(`PutRecord: ${JSON.stringify(answer)}`);
    return { shard: indexOf(answer["ShardId"]), number: String(answer["SequenceNumber"]) };
  }

  /** Puts each text in turn; returns their sequence numbers. */
  async putAll(...texts: readonly string[]): Promise<string[]> {
    const numbers: string[] = [];
    for (const text of texts) numbers.push((await this.put(text)).number);
    return numbers;
  }

  /** The shards that ListShards gives, without paging. */
  async shards(input: object = {}): Promise<readonly SeenShard[] | Answer> {
    const answer = await this.on("ListShards", input);
    return answer["refused"] === undefined ? shardsIn(answer["Shards"]) : answer;
  }

  /** The open shards in the order of their hash keys. */
  async open(): Promise<SeenShard[]> {
    const answer = await this.on("ListShards");
    return shardsIn(answer["Shards"])
      .filter(({ open }) => open)
      .sort((a, b) => (BigInt(a.from) < BigInt(b.from) ? -1 : 1));
  }

  /** An iterator, or why there is none. */
  iterator(type: string, more: object = {}): Promise<Answer> {
    return this.patiently("GetShardIterator", {
      StreamName: this.name,
      ShardId: shardId(0),
      ShardIteratorType: type,
      ...more,
    });
  }

  /** GetRecords. */
  get(iterator: unknown, more: object = {}): Promise<Answer> {
    return this.patiently("GetRecords", { ShardIterator: iterator, ...more });
  }

  /** Reads a shard from an iterator on until there is no more, or until it ends. */
  async read(type: string, more: object = {}): Promise<Seen | Answer> {
    const start = await this.iterator(type, more);
    return start["refused"] === undefined ? this.readOn(start["ShardIterator"]) : start;
  }

  async readOn(from: unknown): Promise<Seen | Answer> {
    const texts: string[] = [];
    let empty = 0;
    for (let iterator = from; ; ) {
      const page = await this.get(iterator);
      if (page["refused"] !== undefined) return page;
      const records = textsOf(page);
      texts.push(...records);
      iterator = page["NextShardIterator"];
      if (iterator === undefined) return { texts, ended: childrenIn(page["ChildShards"]) };
      empty = records.length === 0 ? empty + 1 : 0;
      // a page may be empty before the end of a closed shard
      if (empty === EMPTY_PAGES) return { texts, ended: false };
    }
  }

  /** A call that is made again where a shard's rate is exceeded. */
  async patiently(operation: string, input: object): Promise<Answer> {
    for (;;) {
      const answer = await this.call(operation, input);
      if (answer["refused"] !== "ProvisionedThroughputExceededException") return answer;
      await sleep(POLL_MS * 10);
    }
  }
}

/** The texts of the records that a GetRecords gave. */
export const textsOf = (page: Answer): string[] =>
  (page["Records"] as readonly Answer[]).map(({ Data }) => textOf(Data));

/** Shards by their index. */
export function shardsIn(shards: unknown): SeenShard[] {
  return (shards as readonly Answer[]).map((shard) => {
    const range = shard["HashKeyRange"] as Answer;
    const numbers = shard["SequenceNumberRange"] as Answer;
    const parents = [shard["ParentShardId"], shard["AdjacentParentShardId"]];
    return {
      id: indexOf(shard["ShardId"]),
      parents: parents.filter((parent) => parent !== undefined).map(indexOf),
      from: String(range["StartingHashKey"]),
      to: String(range["EndingHashKey"]),
      open: numbers["EndingSequenceNumber"] === undefined,
    };
  });
}

function childrenIn(children: unknown): { id: number; parents: number[] }[] {
  return ((children ?? []) as readonly Answer[])
    .map(({ ShardId, ParentShards }) => ({
      id: indexOf(ShardId),
      parents: (ParentShards as readonly unknown[]).map(indexOf).sort((a, b) => a - b),
    }))
    .sort((a, b) => a.id - b.id);
}

let scenes = 0;

/** A value in which the stream is called "stream". */
function renamed(value: unknown, name: string): unknown {
  if (typeof value === "string") return value.replaceAll(name, "stream");
  if (Array.isArray(value)) return value.map((element) => renamed(element, name));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, renamed(member, name)]));
}

/** A case with a name for a stream of its own, which is deleted when the case is over. */
export function scene(
  name: string,
  run: (scene: Scene) => Promise<unknown>,
  aws?: { readonly is: unknown; readonly source: string },
): Case<Kinesis> {
  return {
    name,
    run: async (client) => {
      scenes += 1;
      const stream = new Scene(client, `case-${String(scenes).padStart(5, "0")}`);
      try {
        return renamed(await run(stream), stream.name);
      } finally {
        await stream.remove();
      }
    },
    ...(aws !== undefined && { aws }),
  };
}

/** A case with a stream of so many shards that is ACTIVE. */
export const streamed = (
  name: string,
  shards: number,
  run: (scene: Scene) => Promise<unknown>,
  aws?: { readonly is: unknown; readonly source: string },
): Case<Kinesis> =>
  scene(
    name,
    async (stream) => {
      await stream.create(shards);
      return run(stream);
    },
    aws,
  );

/** A page of the API reference. */
export const api = (page: string): string =>
  `https://docs.aws.amazon.com/kinesis/latest/APIReference/API_${page}.html`;
/** What any call may be refused with: a ValidationException for an input that breaks a rule of the reference. */
export const COMMON_ERRORS = "https://docs.aws.amazon.com/kinesis/latest/APIReference/CommonErrors.html";
/** A page of the developer guide. */
export const guide = (page: string): string => `https://docs.aws.amazon.com/streams/latest/dev/${page}.html`;

/** A refusal of the caller's fault. */
const refused = (code: string): Answer => ({ refused: code, status: 400 });
export const VALIDATION: Answer = refused("ValidationException");
export const INVALID: Answer = refused("InvalidArgumentException");
export const NOT_FOUND: Answer = refused("ResourceNotFoundException");
export const IN_USE: Answer = refused("ResourceInUseException");
export const EXCEEDED: Answer = refused("LimitExceededException");
export const SERIALIZATION: Answer = refused("SerializationException");
