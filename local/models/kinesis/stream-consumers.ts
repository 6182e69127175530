import type { EpochMs } from "../../../shared/time/time.ts";
import { ServiceError } from "../service-error.ts";
import type {
  Consumer,
  ConsumerRef,
  ListStreamConsumersInput,
  ListStreamConsumersOutput,
  StreamRef,
} from "./kinesis-api.ts";
import { readToken, tokenOf } from "./page-token.ts";

const MAX_CONSUMERS_PER_PAGE = 100;

/** The stream that a consumer is of. Throws InvalidArgumentException where a consumer is not fully named. */
export function streamOfConsumer({ ConsumerARN, StreamARN, ConsumerName }: ConsumerRef): StreamRef {
  if (StreamARN !== undefined && (ConsumerName ?? ConsumerARN) !== undefined) return { StreamARN };
  if (ConsumerARN !== undefined) return { StreamARN: ConsumerARN.replace(/\/consumer\/.*$/, "") };
  throw new ServiceError(
    "InvalidArgumentException",
    "Either ConsumerARN, or both StreamARN and ConsumerName, must be given.",
  );
}

/** A page of a stream's consumers, which are in the order of their names. */
export function listStreamConsumers(
  consumers: readonly Consumer[],
  { MaxResults = MAX_CONSUMERS_PER_PAGE, NextToken }: ListStreamConsumersInput,
  now: EpochMs,
): ListStreamConsumersOutput {
  const after = NextToken === undefined ? "" : String(readToken(NextToken, now)["after"]);
  const rest = consumers.filter(({ ConsumerName }) => ConsumerName > after);
  const page = rest.slice(0, Math.min(MaxResults, MAX_CONSUMERS_PER_PAGE));
  const last = page.at(-1);
  if (page.length === rest.length || last === undefined) return { Consumers: page };
  return { Consumers: page, NextToken: tokenOf({ after: last.ConsumerName }, now) };
}
