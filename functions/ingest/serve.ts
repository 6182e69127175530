import type { Logger } from "@aws-lambda-powertools/logger";
import type { Context } from "aws-lambda";
import { MillraceError } from "../../shared/errors/millrace-error.ts";
import type { Answer } from "../aws/answer.ts";
import { answer, refusalOf } from "./answer.ts";
import { type IngestPorts, ingest, sourceFor } from "./ingest.ts";
import type { Observer } from "./observe.ts";
import type { Once } from "./once.ts";
import { type ProxyEvent, requestOf } from "./request.ts";
import type { Source } from "./source.ts";

export type ServeOptions = {
  readonly sources: ReadonlyMap<string, Source>;
  readonly ports: IngestPorts;
  readonly once: Once;
  readonly observer: Observer;
  readonly logger: Logger;
};

/** Answers `POST /v1/streams/{stream}/events`, whatever happens: an error that is nobody's is logged and told as 500. */
export function createServe(options: ServeOptions): (event: ProxyEvent, context: Context) => Promise<Answer> {
  const { sources, ports, once, observer, logger } = options;
  return async (event, context) => {
    const request = requestOf(event);
    try {
      const source = sourceFor(request, sources);
      const run = () => ingest(source, request, ports);
      const key = request.headers.get("idempotency-key");
      const outcome = await (key === undefined ? run() : once(request, key, context, run));
      observer.judged(source.id, outcome);
      return outcome.answer;
    } catch (error) {
      const refusal = refusalOf(error);
      if (refusal === undefined || !(error instanceof MillraceError)) {
        logger.error("request failed", error instanceof Error ? error : String(error));
        return answer(500, { code: "UNEXPECTED", message: "the request failed; send it again" });
      }
      observer.refused(request.stream, error.code);
      return refusal;
    }
  };
}
