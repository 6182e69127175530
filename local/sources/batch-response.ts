/** What became of a batch: taken up to (not including) the record at `upTo`; the whole of it where that is its length. */
export type BatchOutcome = {
  readonly upTo: number;
  /** The identifiers of records that failed; empty when all were taken, undefined when the whole batch failed. */
  readonly failed: ReadonlySet<string> | undefined;
};

/**
 * Reads the answer of a function that reports batch item failures
 * (https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-batchfailurereporting.html): null, `{}`, and an
 * empty or null list are a success; an identifier that is empty, missing or not of the batch fails all of it.
 * @param identifiers - sequence numbers or message ids, in the batch's order
 */
export function readBatchResponse(payload: Uint8Array, identifiers: readonly string[]): BatchOutcome {
  const taken: BatchOutcome = { upTo: identifiers.length, failed: new Set() };
  const refused: BatchOutcome = { upTo: 0, failed: undefined };
  const list = failureList(payload);
  if (list === undefined) return refused;
  const failed = new Set<string>();
  for (const entry of list) {
    const identifier = isObject(entry) ? entry.itemIdentifier : undefined;
    if (typeof identifier !== "string" || identifier === "") return refused;
    failed.add(identifier);
  }
  if (failed.size === 0) return taken;
  const known = identifiers.filter((identifier) => failed.has(identifier));
  if (known.length < failed.size) return refused;
  return { upTo: identifiers.findIndex((identifier) => failed.has(identifier)), failed };
}

/** The reported entries; undefined where the answer is none that Lambda understands. */
function failureList(payload: Uint8Array): readonly unknown[] | undefined {
  let answer: unknown;
  try {
    answer = JSON.parse(new TextDecoder().decode(payload));
  } catch {
    // an answer that is no JSON is one that Lambda cannot read: the batch failed, and is retried
    return undefined;
  }
  if (!isObject(answer)) return [];
  const list = answer.batchItemFailures ?? [];
  return Array.isArray(list) ? list : undefined;
}

type Answer = { readonly batchItemFailures?: unknown; readonly itemIdentifier?: unknown };

const isObject = (value: unknown): value is Answer => typeof value === "object" && value !== null;
