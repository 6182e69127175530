import { MillraceError } from "../../shared/errors/millrace-error.ts";
import type { OutRecord, Streams } from "../../shared/protocol/ports.ts";
import type { Parcel } from "./pack.ts";

/** Which events are not known to be in the stream, in the order of the request, and why. */
export type Unplaced = { readonly indexes: readonly number[]; readonly error: MillraceError };

/** Publishes parcels; undefined once the stream has them all. */
export async function place(
  streams: Streams,
  stream: string,
  parcels: readonly Parcel[],
): Promise<Unplaced | undefined> {
  try {
    await streams.publish(stream, parcels);
    return undefined;
  } catch (error) {
    if (!(error instanceof MillraceError) || error.code !== "PUBLISH_FAILED") throw error;
    const left = leftOf(error);
    const unplaced = left === undefined ? parcels : parcels.filter((parcel) => left.has(parcel));
    return { indexes: unplaced.flatMap(({ indexes }) => indexes).sort((a, b) => a - b), error };
  }
}

/** The records that were not placed, where the error lists them; undefined means that none is known to be. */
function leftOf(error: MillraceError): ReadonlySet<OutRecord> | undefined {
  return "records" in error && Array.isArray(error.records)
    ? new Set(error.records as readonly OutRecord[])
    : undefined;
}
