import type { Logger } from "@aws-lambda-powertools/logger";
import { type Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";
import type { Outcome } from "./ingest.ts";
import { countCodes } from "./verdict.ts";

/** Tells what became of a request: metrics per stream always, a line at debug, a warning where events were not taken. */
export type Observer = {
  judged(stream: string, outcome: Outcome): void;
  /** A request that was refused as a whole; its stream may be nobody's, so that it makes no dimension. */
  refused(stream: string, code: string): void;
};

export function createObserver(logger: Logger, metrics: Metrics): Observer {
  return {
    judged(stream, { answer, accepted, rejected, unplaced }) {
      metrics.addDimension("stream", stream);
      metrics.addMetric("EventsAccepted", MetricUnit.Count, accepted);
      metrics.addMetric("EventsRejected", MetricUnit.Count, rejected.length);
      metrics.addMetric("EventsUnplaced", MetricUnit.Count, unplaced.length);
      metrics.publishStoredMetrics();
      const counts = { stream, accepted, rejected: rejected.length, unplaced: unplaced.length };
      if (rejected.length === 0 && unplaced.length === 0) logger.debug("events accepted", counts);
      else
        logger.warn("events not accepted", {
          ...counts,
          status: answer.statusCode,
          codes: countCodes(rejected),
        });
    },
    refused(stream, code) {
      metrics.addMetric("RequestsRefused", MetricUnit.Count, 1);
      metrics.publishStoredMetrics();
      logger.warn("request refused", { stream: stream.slice(0, 100), code });
    },
  };
}
