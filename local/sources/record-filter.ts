import type { StoredRecord } from "../models/kinesis/kinesis-api.ts";
import { ServiceError } from "../models/service-error.ts";
import type { ReceivedMessage } from "../models/sqs/sqs-api.ts";
import { filterOf } from "./filter-pattern.ts";

/** The quota of filters a mapping, where it was raised. */
const MOST_FILTERS = 10;

/** What a mapping gives to its function; undefined where it gives everything. */
export type RecordFilter<R> = ((record: R) => boolean) | undefined;

/**
 * Filters of a stream's mapping. Data that is no JSON fits no pattern that looks at it.
 * @param patterns - JSON texts; a record must fit one of them
 * @throws ServiceError InvalidParameterValueException for what is no pattern, and for data as plain text
 */
export function kinesisFilter(patterns: readonly string[]): RecordFilter<StoredRecord> {
  const kinds = patterns.map(dataKindOf("data"));
  if (kinds.includes("text"))
    throw new ServiceError(
      "InvalidParameterValueException",
      "Invalid filter pattern definition: data is no JSON",
    );
  const filters = filtersOf(patterns);
  if (filters.length === 0) return undefined;
  return ({ PartitionKey, SequenceNumber, ApproximateArrivalTimestamp, Data }) => {
    const record = {
      kinesisSchemaVersion: "1.0",
      partitionKey: PartitionKey,
      sequenceNumber: SequenceNumber,
      approximateArrivalTimestamp: ApproximateArrivalTimestamp / 1_000,
    };
    const data = kinds.includes("json") ? fieldsIn(new TextDecoder().decode(Data)) : undefined;
    return filters.some(
      (filter, index) => !(kinds[index] === "json" && data === undefined) && filter({ ...record, data }),
    );
  };
}

/**
 * Filters of a queue's mapping. A pattern for JSON bodies fits no plain text, and one for plain text no JSON.
 * @throws ServiceError InvalidParameterValueException for what is no pattern
 */
export function sqsFilter(patterns: readonly string[]): RecordFilter<ReceivedMessage> {
  const kinds = patterns.map(dataKindOf("body"));
  const filters = filtersOf(patterns);
  if (filters.length === 0) return undefined;
  return ({ MessageId, ReceiptHandle, MD5OfBody, Body, Attributes }) => {
    const json = fieldsIn(Body);
    const message = {
      messageId: MessageId,
      receiptHandle: ReceiptHandle,
      md5OfBody: MD5OfBody,
      attributes: Attributes,
      body: json ?? Body,
    };
    const fitting = json === undefined ? "text" : "json";
    return filters.some((filter, index) => (kinds[index] ?? fitting) === fitting && filter(message));
  };
}

function filtersOf(patterns: readonly string[]): ReturnType<typeof filterOf>[] {
  if (patterns.length > MOST_FILTERS)
    throw new ServiceError(
      "InvalidParameterValueException",
      `a mapping has at most ${MOST_FILTERS} filters, not ${patterns.length}`,
    );
  return patterns.map(filterOf);
}

/** Whether a pattern looks at the data as JSON, as plain text, or not at all. */
const dataKindOf =
  (field: "data" | "body") =>
  (pattern: string): "json" | "text" | undefined => {
    const value = fieldsIn(pattern)?.[field];
    if (value === undefined) return undefined;
    return Array.isArray(value) ? "text" : "json";
  };

/** A JSON object or list; undefined for anything else. */
function fieldsIn(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? { ...value } : undefined;
  } catch {
    // plain text is not an error: patterns may look at everything else
    return undefined;
  }
}
