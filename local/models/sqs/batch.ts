import { ServiceError } from "../service-error.ts";
import type { BatchFailure } from "./sqs-api.ts";

const MAX_ENTRIES = 10;

type Entry = { readonly Id: string };

/** Throws where a batch as a whole cannot be: empty, too long, or with ids that are none or not distinct. */
export function checkBatch(entries: readonly Entry[] | undefined): void {
  if (entries === undefined || entries.length === 0)
    throw new ServiceError("EmptyBatchRequest", "There should be at least one entry in the request.");
  if (entries.length > MAX_ENTRIES)
    throw new ServiceError(
      "TooManyEntriesInBatchRequest",
      `Maximum number of entries per request are ${MAX_ENTRIES}. You have sent ${entries.length}.`,
    );
  if (entries.some(({ Id }) => !/^[\w-]{1,80}$/.test(Id)))
    throw new ServiceError(
      "InvalidBatchEntryId",
      "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.",
    );
  const ids = entries.map(({ Id }) => Id);
  const twice = ids.find((id, index) => ids.indexOf(id) < index);
  if (twice !== undefined) throw new ServiceError("BatchEntryIdsNotDistinct", `Id ${twice} repeated.`);
}

/**
 * Does each entry of a batch on its own: one that is refused fails alone.
 * @param failed - the indexes of entries that are made to fail
 */
export function eachEntry<E extends Entry, T extends object>(
  entries: readonly E[],
  failed: ReadonlySet<number>,
  run: (entry: E) => T,
): { readonly Successful: readonly (T & Entry)[]; readonly Failed: readonly BatchFailure[] } {
  const successful: (T & Entry)[] = [];
  const failures: BatchFailure[] = [];
  for (const [index, entry] of entries.entries()) {
    const { Id } = entry;
    if (failed.has(index)) {
      failures.push({ Id, Code: "InternalError", SenderFault: false, Message: "made to fail" });
      continue;
    }
    try {
      successful.push({ ...run(entry), Id });
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      failures.push({ Id, Code: error.code, SenderFault: true, Message: error.message });
    }
  }
  return { Successful: successful, Failed: failures };
}
