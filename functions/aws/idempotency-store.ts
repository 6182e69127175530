import {
  IdempotencyItemAlreadyExistsError,
  IdempotencyItemNotFoundError,
  IdempotencyRecordStatus,
} from "@aws-lambda-powertools/idempotency";
import { BasePersistenceLayer, IdempotencyRecord } from "@aws-lambda-powertools/idempotency/persistence";
import {
  type AttributeValue,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import type { Clock } from "../../shared/time/clock.ts";

export type IdempotencyStoreOptions = {
  readonly client: DynamoDBClient;
  /** A table with the key `id` (S), whose items end at `expiration`. */
  readonly table: string;
  readonly clock: Clock;
};

type Item = Record<string, AttributeValue>;

/**
 * Powertools' idempotency records in DynamoDB, under the attribute names of its own DynamoDBPersistenceLayer,
 * on the one client that the function has. The data of a response is kept as JSON.
 *
 *     |   locked    |  taken over where still in progress  |   taken over   |
 *     |-------------|--------------------------------------|----------------|──► time
 *                in_progress_expiration (ms)          expiration (s)
 */
export class IdempotencyStore extends BasePersistenceLayer {
  readonly #client: DynamoDBClient;
  readonly #table: string;
  readonly #clock: Clock;

  constructor({ client, table, clock }: IdempotencyStoreOptions) {
    super();
    this.#client = client;
    this.#table = table;
    this.#clock = clock;
  }

  protected async _putRecord(record: IdempotencyRecord): Promise<void> {
    const now = this.#clock.now();
    try {
      await this.#client.send(
        new PutItemCommand({
          TableName: this.#table,
          Item: {
            id: { S: record.idempotencyKey },
            ...stateOf(record),
            ...(record.inProgressExpiryTimestamp === undefined
              ? {}
              : { in_progress_expiration: { N: String(record.inProgressExpiryTimestamp) } }),
          },
          ConditionExpression:
            "attribute_not_exists(#id) OR #expiration < :seconds OR (#status = :inProgress AND attribute_exists(#lease) AND #lease < :ms)",
          ExpressionAttributeNames: {
            "#id": "id",
            "#expiration": "expiration",
            "#status": "status",
            "#lease": "in_progress_expiration",
          },
          ExpressionAttributeValues: {
            ":seconds": { N: String(Math.floor(now / 1000)) },
            ":ms": { N: String(now) },
            ":inProgress": { S: IdempotencyRecordStatus.INPROGRESS },
          },
          ReturnValuesOnConditionCheckFailure: "ALL_OLD",
        }),
      );
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      throw new IdempotencyItemAlreadyExistsError(
        `"${record.idempotencyKey}" is there already`,
        error.Item && recordOf(error.Item),
      );
    }
  }

  protected async _getRecord(idempotencyKey: string): Promise<IdempotencyRecord> {
    const { Item } = await this.#client.send(
      new GetItemCommand({
        TableName: this.#table,
        Key: { id: { S: idempotencyKey } },
        ConsistentRead: true,
      }),
    );
    if (Item === undefined) throw new IdempotencyItemNotFoundError();
    return recordOf(Item);
  }

  protected async _updateRecord(record: IdempotencyRecord): Promise<void> {
    const { expiration, status, validation } = stateOf(record);
    await this.#client.send(
      new UpdateItemCommand({
        TableName: this.#table,
        Key: { id: { S: record.idempotencyKey } },
        UpdateExpression:
          "SET #expiration = :expiration, #status = :status, #data = :data, #validation = :validation",
        ExpressionAttributeNames: {
          "#expiration": "expiration",
          "#status": "status",
          "#data": "data",
          "#validation": "validation",
        },
        ExpressionAttributeValues: {
          ":expiration": expiration,
          ":status": status,
          ":data": { S: JSON.stringify(record.responseData ?? null) },
          ":validation": validation,
        },
      }),
    );
  }

  protected async _deleteRecord(record: IdempotencyRecord): Promise<void> {
    await this.#client.send(
      new DeleteItemCommand({ TableName: this.#table, Key: { id: { S: record.idempotencyKey } } }),
    );
  }
}

const stateOf = (
  record: IdempotencyRecord,
): Record<"expiration" | "status" | "validation", AttributeValue> => ({
  expiration: { N: String(record.expiryTimestamp ?? 0) },
  status: { S: record.getStatus() },
  validation: { S: record.payloadHash ?? "" },
});

const recordOf = ({
  id,
  status,
  expiration,
  in_progress_expiration: lease,
  data,
  validation,
}: Item): IdempotencyRecord =>
  new IdempotencyRecord({
    idempotencyKey: id?.S ?? "",
    status: (status?.S ?? IdempotencyRecordStatus.EXPIRED) as IdempotencyRecord["status"],
    expiryTimestamp: Number(expiration?.N ?? 0),
    ...(lease?.N === undefined ? {} : { inProgressExpiryTimestamp: Number(lease.N) }),
    ...(data?.S === undefined ? {} : { responseData: JSON.parse(data.S) }),
    payloadHash: validation?.S ?? "",
  });
