import type { Clock } from "../../../shared/time/clock.ts";
import { type DurationMs, days, type EpochMs } from "../../../shared/time/time.ts";
import { arnOf } from "../arn.ts";
import { ServiceError } from "../service-error.ts";
import { filterPattern } from "./filter-pattern.ts";

/** One event of a log group; times in milliseconds. */
export type LogEvent = {
  readonly eventId: string;
  readonly logStreamName: string;
  readonly timestamp: EpochMs;
  readonly ingestionTime: EpochMs;
  readonly message: string;
};

type Group = {
  readonly logGroupName: string;
  readonly creationTime: EpochMs;
  retentionInDays: number | undefined;
  readonly streams: Map<string, EpochMs>;
  /** In the order in which they came. */
  events: LogEvent[];
  storedBytes: number;
};

export type LogsOptions = {
  readonly clock: Clock;
  /** Of each group's newest events; older ones are dropped. @default 16 MiB */
  readonly maxGroupBytes?: number;
};

/** What CloudWatch bills an event for beside its message. */
const EVENT_OVERHEAD_BYTES = 26;
/** Events of one answer, at most. */
const PAGE = 10_000;

/** CloudWatch Logs: groups, streams, events, filter patterns. Queries (Insights) are not modelled. */
export class LogsModel {
  readonly #clock: Clock;
  readonly #maxGroupBytes: number;
  readonly #groups = new Map<string, Group>();
  #events = 0;

  constructor({ clock, maxGroupBytes = 16 * 1_048_576 }: LogsOptions) {
    this.#clock = clock;
    this.#maxGroupBytes = maxGroupBytes;
  }

  createLogGroup({ logGroupName }: { readonly logGroupName: string }): void {
    if (this.#groups.has(logGroupName))
      throw new ServiceError("ResourceAlreadyExistsException", "The specified log group already exists");
    this.#groups.set(logGroupName, {
      logGroupName,
      creationTime: this.#clock.now(),
      retentionInDays: undefined,
      streams: new Map(),
      events: [],
      storedBytes: 0,
    });
  }

  hasLogGroup(logGroupName: string): boolean {
    return this.#groups.has(logGroupName);
  }

  deleteLogGroup({ logGroupName }: { readonly logGroupName: string }): void {
    this.#groupOf(logGroupName);
    this.#groups.delete(logGroupName);
  }

  putRetentionPolicy(input: { readonly logGroupName: string; readonly retentionInDays: number }): void {
    this.#groupOf(input.logGroupName).retentionInDays = input.retentionInDays;
  }

  deleteRetentionPolicy({ logGroupName }: { readonly logGroupName: string }): void {
    this.#groupOf(logGroupName).retentionInDays = undefined;
  }

  /** Takes a line that a function wrote; its group and stream come into being with it. */
  append(logGroupName: string, logStreamName: string, message: string): void {
    if (!this.#groups.has(logGroupName)) this.createLogGroup({ logGroupName });
    const group = this.#groupOf(logGroupName);
    const now = this.#clock.now();
    if (!group.streams.has(logStreamName)) group.streams.set(logStreamName, now);
    this.#add(group, logStreamName, now, message);
  }

  describeLogGroups(input: { readonly logGroupNamePrefix?: string } = {}): {
    readonly logGroups: readonly Readonly<Record<string, unknown>>[];
  } {
    const { logGroupNamePrefix = "" } = input;
    const groups = [...this.#groups.values()].filter((group) =>
      group.logGroupName.startsWith(logGroupNamePrefix),
    );
    return {
      logGroups: groups
        .sort((a, b) => (a.logGroupName < b.logGroupName ? -1 : 1))
        .map(({ logGroupName, creationTime, retentionInDays, storedBytes }) => ({
          logGroupName,
          creationTime,
          storedBytes,
          metricFilterCount: 0,
          arn: `${arnOf("logs", `log-group:${logGroupName}`)}:*`,
          logGroupArn: arnOf("logs", `log-group:${logGroupName}`),
          ...(retentionInDays !== undefined && { retentionInDays }),
        })),
    };
  }

  describeLogStreams(input: {
    readonly logGroupName: string;
    readonly logStreamNamePrefix?: string;
    readonly orderBy?: "LogStreamName" | "LastEventTime";
    readonly descending?: boolean;
  }): { readonly logStreams: readonly Readonly<Record<string, unknown>>[] } {
    const { logGroupName, logStreamNamePrefix = "", orderBy = "LogStreamName", descending = false } = input;
    const group = this.#groupOf(logGroupName);
    this.#expire(group);
    const streams = [...group.streams]
      .filter(([name]) => name.startsWith(logStreamNamePrefix))
      .map(([logStreamName, creationTime]) => {
        const events = group.events.filter((event) => event.logStreamName === logStreamName);
        const last = events.at(-1);
        return {
          logStreamName,
          creationTime,
          arn: arnOf("logs", `log-group:${logGroupName}:log-stream:${logStreamName}`),
          ...(events[0] && { firstEventTimestamp: events[0].timestamp }),
          ...(last && { lastEventTimestamp: last.timestamp, lastIngestionTime: last.ingestionTime }),
        };
      })
      .sort((a, b) =>
        orderBy === "LastEventTime"
          ? (a.lastEventTimestamp ?? 0) - (b.lastEventTimestamp ?? 0)
          : Number(a.logStreamName > b.logStreamName) - Number(a.logStreamName < b.logStreamName),
      );
    return { logStreams: descending ? streams.reverse() : streams };
  }

  /** Events of all streams, or of some, that match, by time; in pages. */
  filterLogEvents(input: {
    readonly logGroupName: string;
    readonly logStreamNames?: readonly string[];
    readonly logStreamNamePrefix?: string;
    readonly filterPattern?: string;
    readonly startTime?: number;
    readonly endTime?: number;
    readonly limit?: number;
    readonly nextToken?: string;
  }): { readonly events: readonly LogEvent[]; readonly nextToken?: string } {
    const { startTime = 0, endTime = Number.POSITIVE_INFINITY, limit = PAGE, nextToken = "" } = input;
    const matches = filterPattern(input.filterPattern ?? "");
    const events = this.#eventsOf(input.logGroupName)
      .filter(
        ({ eventId, logStreamName, timestamp, message }) =>
          eventId > nextToken &&
          timestamp >= startTime &&
          timestamp <= endTime &&
          (input.logStreamNames?.includes(logStreamName) ?? true) &&
          logStreamName.startsWith(input.logStreamNamePrefix ?? "") &&
          matches(message),
      )
      .slice(0, Math.min(limit, PAGE) + 1);
    if (events.length <= limit) return { events };
    const page = events.slice(0, limit);
    return { events: page, nextToken: page.at(-1)?.eventId ?? "" };
  }

  /** Events of one stream; from its end unless `startFromHead`. Tokens always come, as on AWS. */
  getLogEvents(input: {
    readonly logGroupName: string;
    readonly logStreamName: string;
    readonly startTime?: number;
    readonly endTime?: number;
    readonly limit?: number;
    readonly nextToken?: string;
    readonly startFromHead?: boolean;
  }): {
    readonly events: readonly Omit<LogEvent, "eventId" | "logStreamName">[];
    readonly nextForwardToken: string;
    readonly nextBackwardToken: string;
  } {
    const { logStreamName, startTime = 0, endTime = Number.POSITIVE_INFINITY, limit = PAGE } = input;
    const group = this.#groupOf(input.logGroupName);
    if (!group.streams.has(logStreamName)) throw missing("log stream");
    const [direction, at] = [input.nextToken?.[0], input.nextToken?.slice(2) ?? ""];
    const events = this.#eventsOf(input.logGroupName).filter(
      (event) =>
        event.logStreamName === logStreamName &&
        event.timestamp >= startTime &&
        event.timestamp < endTime &&
        (direction !== "f" || event.eventId > at) &&
        (direction !== "b" || event.eventId < at),
    );
    const forward = direction === "f" || (direction === undefined && input.startFromHead === true);
    const page = forward ? events.slice(0, limit) : events.slice(-limit);
    return {
      events: page.map(({ timestamp, message, ingestionTime }) => ({ timestamp, message, ingestionTime })),
      nextForwardToken: `f/${page.at(-1)?.eventId ?? at}`,
      nextBackwardToken: `b/${page[0]?.eventId ?? at}`,
    };
  }

  #eventsOf(logGroupName: string): readonly LogEvent[] {
    const group = this.#groupOf(logGroupName);
    this.#expire(group);
    return group.events;
  }

  #add(group: Group, logStreamName: string, timestamp: EpochMs, message: string): void {
    // AWS's ids have 56 digits and grow with time
    const eventId = String(++this.#events).padStart(56, "0");
    group.events.push({ eventId, logStreamName, timestamp, ingestionTime: this.#clock.now(), message });
    group.storedBytes += bytesOf(message);
    if (group.storedBytes <= this.#maxGroupBytes) return;
    // a quarter at once: shifting each time would copy the whole list
    const dropped = group.events.splice(0, Math.ceil(group.events.length / 4));
    for (const event of dropped) group.storedBytes -= bytesOf(event.message);
  }

  #expire(group: Group): void {
    const { retentionInDays } = group;
    if (retentionInDays === undefined) return;
    const kept: DurationMs = days(retentionInDays);
    const oldest = this.#clock.now() - kept;
    const expired = group.events.filter(({ timestamp }) => timestamp < oldest);
    if (expired.length === 0) return;
    group.events = group.events.filter(({ timestamp }) => timestamp >= oldest);
    for (const event of expired) group.storedBytes -= bytesOf(event.message);
  }

  #groupOf(logGroupName: string): Group {
    const group = this.#groups.get(logGroupName);
    if (group === undefined) throw missing("log group");
    return group;
  }
}

const bytesOf = (message: string): number => Buffer.byteLength(message) + EVENT_OVERHEAD_BYTES;

const missing = (what: string): ServiceError =>
  new ServiceError("ResourceNotFoundException", `The specified ${what} does not exist.`);
