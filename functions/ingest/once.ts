import { createHash } from "node:crypto";
import {
  IdempotencyAlreadyInProgressError,
  IdempotencyConfig,
  IdempotencyValidationError,
  makeIdempotent,
} from "@aws-lambda-powertools/idempotency";
import type { BasePersistenceLayer } from "@aws-lambda-powertools/idempotency/persistence";
import type { Context } from "aws-lambda";
import { type Answer, refused } from "../aws/answer.ts";
import type { Outcome } from "./ingest.ts";
import type { IngestRequest } from "./request.ts";

/** Runs a request, or finds the answer that it once got. */
export type Once = (
  request: IngestRequest,
  key: string,
  context: Context,
  run: () => Promise<Outcome>,
) => Promise<Outcome>;

const MAX_KEY_CHARS = 200;
const KEPT_SECONDS = 24 * 3_600;
/** An item of the table takes 400 KB. */
const MAX_KEPT_CHARS = 300_000;

/**
 * Makes requests with an `Idempotency-Key` take effect once within a day: a repeat gets the stored verdict.
 * An answer that is no final one (503), or larger than 300 KB, is not kept: a repeat is judged anew, and its
 * events have the ids that they had before.
 * @throws MillraceError `IDEMPOTENCY_KEY` for a bad key and for one that came with another body,
 * `REQUEST_IN_PROGRESS` while the first request is still worked on
 */
export function createOnce(store: BasePersistenceLayer): Once {
  const config = new IdempotencyConfig({
    eventKeyJmesPath: "key",
    payloadValidationJmesPath: "body",
    expiresAfterSeconds: KEPT_SECONDS,
    hashFunction: "sha256",
  });
  return async (request, key, context, run) => {
    if (key === "" || key.length > MAX_KEY_CHARS || !key.isWellFormed())
      throw refused("IDEMPOTENCY_KEY", `an Idempotency-Key has 1 to ${MAX_KEY_CHARS} characters`);
    let fresh: Outcome | undefined;
    const judge = async (_: Fingerprint): Promise<Answer> => {
      fresh = await run();
      if (fresh.unplaced.length > 0 || fresh.answer.body.length > MAX_KEPT_CHARS) throw new NotKept();
      return fresh.answer;
    };
    config.registerLambdaContext(context);
    try {
      const answer = await makeIdempotent(judge, { persistenceStore: store, config })(
        fingerprintOf(request, key),
      );
      return fresh ?? { answer, accepted: 0, rejected: [], unplaced: [] };
    } catch (error) {
      if (error instanceof NotKept && fresh !== undefined) return fresh;
      if (error instanceof IdempotencyAlreadyInProgressError)
        throw refused("REQUEST_IN_PROGRESS", "a request with this Idempotency-Key is being worked on", error);
      if (error instanceof IdempotencyValidationError)
        throw refused("IDEMPOTENCY_KEY", "this Idempotency-Key came with another body before", error);
      throw error;
    }
  };
}

type Fingerprint = { readonly key: string; readonly body: string };

/** Hashed here: the store would sort and copy a body of megabytes on its way to the same hash. */
const fingerprintOf = ({ stream, headers, body }: IngestRequest, key: string): Fingerprint => ({
  key: `${stream} ${key}`,
  body: createHash("sha256")
    .update(headers.get("content-type") ?? "")
    .update("\n")
    .update(body)
    .digest("base64"),
});

/** Makes the store forget that the request was begun. */
class NotKept extends Error {}
