import { ServiceError } from "../service-error.ts";
import type { Sketch } from "./sketch.ts";

const STATISTICS: Readonly<Record<string, (sketch: Sketch) => number>> = {
  SampleCount: ({ count }) => count,
  Sum: ({ sum }) => sum,
  Average: ({ sum, count }) => sum / count,
  Minimum: ({ min }) => min,
  Maximum: ({ max }) => max,
};

const PERCENTILE = /^p(\d{1,2}(?:\.\d{1,10})?|100)$/;

/**
 * Reads a statistic by CloudWatch's name: Sum, Average, Minimum, Maximum, SampleCount or a percentile such as p99.9.
 * Trimmed and winsorized means are not modelled.
 * @throws ServiceError InvalidParameterValue
 */
export function statisticOf(name: string): (sketch: Sketch) => number {
  const statistic = Object.hasOwn(STATISTICS, name) ? STATISTICS[name] : undefined;
  if (statistic !== undefined) return statistic;
  const [, percent] = PERCENTILE.exec(name) ?? [];
  if (percent !== undefined) return (sketch) => sketch.quantile(Number(percent) / 100);
  throw new ServiceError(
    "InvalidParameterValue",
    `The value ${name} for parameter Statistic is not supported.`,
  );
}
