import { epochMs, milliseconds } from "../../../shared/time/time.ts";
import type { Dimensions, Sample } from "./metric-store.ts";

type Directive = {
  readonly Namespace: string;
  readonly Dimensions: readonly (readonly string[])[];
  readonly Metrics: readonly { readonly Name: string; readonly Unit?: string }[];
};

/** The most targets of one metric directive that CloudWatch takes. */
const MOST_VALUES = 100;

/**
 * The metrics that a log line carries in the Embedded Metric Format; none where it is another line, or breaks the
 * format: CloudWatch drops such lines silently, too.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export function embeddedMetrics(line: string): Sample[] {
  if (!(line.startsWith("{") && line.includes('"_aws"'))) return [];
  const root = parsed(line);
  const { Timestamp, CloudWatchMetrics } = (root?.["_aws"] ?? {}) as {
    Timestamp?: number;
    CloudWatchMetrics?: readonly Directive[];
  };
  if (root === undefined || typeof Timestamp !== "number" || !Array.isArray(CloudWatchMetrics)) return [];
  return CloudWatchMetrics.flatMap((directive: Directive) => samplesOf(root, directive, Timestamp));
}

function samplesOf(
  root: Readonly<Record<string, unknown>>,
  { Namespace, Dimensions, Metrics }: Directive,
  at: number,
): Sample[] {
  return Dimensions.flatMap((names) => {
    const dimensions = dimensionsOf(root, names);
    if (dimensions === undefined) return [];
    return Metrics.flatMap(({ Name, Unit }) => {
      const target = root[Name];
      const values = Array.isArray(target) ? target.slice(0, MOST_VALUES) : [target];
      return values
        .filter((value) => typeof value === "number")
        .map((value) => ({
          namespace: Namespace,
          name: Name,
          dimensions,
          at: epochMs(milliseconds(at)),
          value,
          ...(Unit !== undefined && { unit: Unit }),
        }));
    });
  });
}

function dimensionsOf(
  root: Readonly<Record<string, unknown>>,
  names: readonly string[],
): Dimensions | undefined {
  const pairs = names.map((name) => [name, root[name]] as const);
  return pairs.every(([, value]) => typeof value === "string")
    ? (Object.fromEntries(pairs) as Dimensions)
    : undefined;
}

function parsed(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return JSON.parse(line) as Readonly<Record<string, unknown>>;
  } catch {
    // no JSON: an ordinary line
    return undefined;
  }
}
