/** How bad it is; `METRIC` is a line of CloudWatch's embedded metric format. */
type Level = "DEBUG" | "INFO" | "WARN" | "ERROR" | "METRIC";

/** A line that a function wrote, in a form for people. */
export type LogEntry = {
  readonly level: Level;
  readonly message: string;
  /** Further facts, `name=value`; an error with its causes comes in lines of its own. */
  readonly facts: readonly string[];
  readonly details: readonly string[];
};

/** What Powertools adds to each line, and what the line's stage and time say already. */
const KNOWN = new Set([
  ...["level", "message", "timestamp", "service", "stage", "sampling_rate", "xray_trace_id", "cold_start"],
  ...["function_name", "function_arn", "function_memory_size", "function_request_id", "correlation_id"],
]);

/** What Lambda's own runtime says where a function fails outside of its code. */
const FAILURE = /^(Invoke|Init) Error |Error: (Runtime exited|Task timed out)|^(Uncaught|\w*Error\b)/;

/** Reads a line: JSON of Powertools' Logger or Metrics, or any text. */
export function readLogLine(line: string): LogEntry {
  const json = objectOf(line);
  if (json === undefined) return textEntry(line);
  if ("_aws" in json) return metricEntry(json);
  if (typeof json["message"] !== "string") return textEntry(line);
  const facts: string[] = [];
  const details: string[] = [];
  for (const [name, value] of Object.entries(json)) {
    if (KNOWN.has(name) || value === undefined || value === "") continue;
    if (isError(value)) details.push(...errorLines(value));
    else facts.push(`${name}=${shown(value)}`);
  }
  return { level: levelOf(json["level"]), message: json["message"], facts, details };
}

function textEntry(line: string): LogEntry {
  return { level: FAILURE.test(line) ? "ERROR" : "INFO", message: line, facts: [], details: [] };
}

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html */
function metricEntry(json: Fields): LogEntry {
  const { CloudWatchMetrics = [] } = Object(json["_aws"]) as {
    readonly CloudWatchMetrics?: readonly { readonly Metrics?: readonly { readonly Name: string }[] }[];
  };
  const names = CloudWatchMetrics.flatMap(({ Metrics = [] }) => Metrics.map(({ Name }) => Name));
  const facts = names.map((name) => `${name}=${shown(json[name])}`);
  return { level: "METRIC", message: "", facts, details: [] };
}

type Fields = Readonly<Record<string, unknown>>;

function objectOf(line: string): Fields | undefined {
  if (!line.startsWith("{")) return undefined;
  try {
    return JSON.parse(line) as Fields;
  } catch {
    // a text that begins with a brace
    return undefined;
  }
}

function levelOf(level: unknown): Level {
  switch (level) {
    case "TRACE":
    case "DEBUG":
      return "DEBUG";
    case "WARN":
      return "WARN";
    case "ERROR":
    case "CRITICAL":
      return "ERROR";
    default:
      return "INFO";
  }
}

type LoggedError = {
  readonly name: string;
  readonly message: string;
  readonly code?: unknown;
  readonly location?: unknown;
  readonly cause?: unknown;
};

const isError = (value: unknown): value is LoggedError =>
  typeof value === "object" && value !== null && "name" in value && "message" in value;

/** An error and its causes, each with its code where it has one, and where it was thrown. */
function errorLines({ name, message, code, location, cause }: LoggedError): string[] {
  const at = typeof location === "string" && location !== "" ? ` (${location})` : "";
  const line = `${typeof code === "string" ? code : name}: ${message}${at}`;
  return [line, ...(isError(cause) ? errorLines(cause) : [])];
}

const shown = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));
