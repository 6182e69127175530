import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { z } from "zod";
import { MillraceError, messageOf } from "../../shared/errors/millrace-error.ts";
import { type FullBackoff, waitBefore } from "./backoff.ts";
import type { Batch } from "./batch.ts";

/** Why one event was not accepted; `index` counts from 0 within its request. */
export type Rejection = { readonly index: number; readonly code: string; readonly message: string };

/** The endpoint's answer to a batch. */
export type Verdict = { readonly accepted: number; readonly rejected: readonly Rejection[] };

const Verdict: z.ZodType<Verdict> = z.object({
  accepted: z.int(),
  rejected: z.array(z.object({ index: z.int(), code: z.string(), message: z.string() })),
});

export type PostOptions = {
  /** Where events are posted: `http://host/v1/streams/flights/events`. */
  readonly endpoint: string;
  /** Sent beside those that the body needs. */
  readonly headers: Readonly<Record<string, string>>;
  readonly gzip: boolean;
  readonly backoff: FullBackoff;
  readonly signal: AbortSignal | undefined;
  /** Called before a request is repeated. */
  readonly onRetry: (cause: Error) => void;
};

const compressed = promisify(gzip);

/**
 * Posts one batch as NDJSON until the endpoint answers for its events. A refused or reset connection, 429 and
 * 5xx are repeated with the same body: the events carry ids, so what had arrived after all is dropped there.
 * @throws MillraceError FEED_REFUSED at any other status, FEED_GAVE_UP when the attempts are used up;
 * the signal's reason once it fires
 */
export async function postBatch(batch: Batch, options: PostOptions): Promise<Verdict> {
  const text = `${batch.lines.join("\n")}\n`;
  const body = options.gzip ? await compressed(text, { level: 1 }) : text;
  const { attempts, wait } = options.backoff;
  for (let attempt = 1; ; attempt++) {
    const answer = await post(body, options);
    if (!(answer instanceof Error)) return answer;
    if (attempt >= attempts)
      throw new MillraceError(
        "FEED_GAVE_UP",
        `POST ${options.endpoint}: not acknowledged in ${attempts} attempts, the last: ${answer.message}`,
        { next: "refused", cause: answer },
      );
    options.onRetry(answer);
    await wait(waitBefore(attempt, options.backoff), options.signal);
  }
}

/** One request; returns an Error where it is worth another. */
async function post(body: string | Uint8Array<ArrayBuffer>, options: PostOptions): Promise<Verdict | Error> {
  const { endpoint, signal } = options;
  const headers: Record<string, string> = { ...options.headers, "content-type": "application/x-ndjson" };
  if (options.gzip) headers["content-encoding"] = "gzip";
  let status: number;
  let answer: string;
  try {
    const response = await fetch(endpoint, { method: "POST", headers, body, signal: signal ?? null });
    status = response.status;
    answer = await response.text();
  } catch (thrown) {
    signal?.throwIfAborted();
    return new Error(`the connection failed: ${messageOf(thrown)}`, { cause: thrown });
  }
  if (status === 429 || status >= 500) return new Error(`status ${status}: ${answer.slice(0, 500)}`);
  if (status === 202) return verdictOf(answer, endpoint);
  throw new MillraceError("FEED_REFUSED", `POST ${endpoint}: status ${status}: ${answer.slice(0, 500)}`, {
    next: "refused",
  });
}

function verdictOf(answer: string, endpoint: string): Verdict {
  try {
    return Verdict.parse(JSON.parse(answer));
  } catch (cause) {
    const sentence = `POST ${endpoint}: accepted, but the answer is no verdict: ${answer.slice(0, 500)}`;
    throw new MillraceError("FEED_REFUSED", sentence, { next: "refused", cause });
  }
}
