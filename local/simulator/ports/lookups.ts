import { type LookupCalls, queryInput } from "../../../functions/aws/lookups/lookup-calls.ts";
import { lookupsOver } from "../../../functions/aws/lookups/lookups.ts";
import type { LookupPlan } from "../../../shared/plan/plan.ts";
import type { Lookups } from "../../../shared/protocol/ports.ts";
import type { Item } from "../../models/dynamodb/attribute-value.ts";
import type { QueryInput } from "../../models/dynamodb/dynamodb-api.ts";
import { ServiceError } from "../../models/service-error.ts";
import { call, type Gate } from "../gate.ts";
import { lookupPlaces, type Services } from "../services.ts";

/** Tables outside, in the models of DynamoDB and S3. */
export function simulatedLookups(
  { dynamodb, s3 }: Services,
  gate: Gate,
  tables: readonly LookupPlan[],
): Lookups {
  const calls: LookupCalls = {
    async batchGetItem(table, keys) {
      const RequestItems = { [table]: { Keys: keys as readonly Item[] as Item[] } };
      const { Responses, UnprocessedKeys } = await call(
        gate,
        "dynamodb",
        "BatchGetItem",
        () => dynamodb.batchGetItem({ RequestItems }),
        keys.length,
      );
      return { items: Responses?.[table] ?? [], unprocessed: UnprocessedKeys?.[table]?.Keys ?? [] };
    },

    async query(query) {
      const { Items, LastEvaluatedKey } = await call(gate, "dynamodb", "Query", () =>
        dynamodb.query(queryInput(query) as unknown as QueryInput),
      );
      return { items: Items ?? [], after: LastEvaluatedKey };
    },

    async getObject({ bucket, key }, etag) {
      try {
        const { Body, ETag } = await call(gate, "s3", "GetObject", () =>
          s3.getObject({ Bucket: bucket, Key: key, ...(etag === undefined ? {} : { IfNoneMatch: etag }) }),
        );
        return { etag: ETag, bytes: Body };
      } catch (error) {
        if (error instanceof ServiceError && error.status === 304) return undefined;
        throw error;
      }
    },

    isRefusal: (thrown) => thrown instanceof ServiceError && thrown.code === "ValidationException",
    // time is only told here: the gate says when a call goes on
    backOff: async () => undefined,
  };
  return lookupsOver(calls, lookupPlaces(tables));
}
