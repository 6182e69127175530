import type { ServiceError } from "../models/service-error.ts";

/** Codes that SQS's older query protocol has under other names, which clients still go by. */
const QUERY_CODES: Readonly<Record<string, string>> = {
  QueueDoesNotExist: "AWS.SimpleQueueService.NonExistentQueue",
  QueueNameExists: "QueueAlreadyExists",
};
/** Codes that it has with its own prefix. */
const PREFIXED = new Set([
  "BatchEntryIdsNotDistinct",
  "BatchRequestTooLong",
  "EmptyBatchRequest",
  "InvalidBatchEntryId",
  "MessageNotInflight",
  "PurgeQueueInProgress",
  "QueueDeletedRecently",
  "TooManyEntriesInBatchRequest",
  "UnsupportedOperation",
]);

/**
 * The header by which SQS tells a client of its JSON protocol the code that the query protocol had.
 * Source: Smithy, "AWS query compatible trait"; the codes are those of SQS's service model.
 */
export function queryErrorHeader({ code, status }: ServiceError): Readonly<Record<string, string>> {
  const queryCode = QUERY_CODES[code] ?? (PREFIXED.has(code) ? `AWS.SimpleQueueService.${code}` : code);
  return { "x-amzn-query-error": `${queryCode};${status < 500 ? "Sender" : "Receiver"}` };
}
