/** A public definition: where it stands, and what of it the cases follow, in our own words. */
export type Source = {
  readonly of: string;
  readonly url: string;
  readonly section: string;
  readonly says: string;
};

const FLINK = "https://github.com/apache/flink/blob";
const FLINK_WINDOWS = `${FLINK}/524bc9d1a1eec29afad51af7e02282ef17db1e7b/docs/content/docs/dev/datastream/operators/windows.md`;
const FLINK_WATERMARKS = `${FLINK}/8b00ef071cfe932d56666b868a496090711345e6/docs/content/docs/dev/datastream/event-time/generating_watermarks.md`;
const BEAM = "https://github.com/apache/beam/blob";
const BEAM_GUIDE = "https://beam.apache.org/documentation/programming-guide/";
const BEAM_WINDOWING = "sdks/java/core/src/main/java/org/apache/beam/sdk/transforms/windowing";
const KAFKA = "https://github.com/apache/kafka/blob";
const KAFKA_DOCS = "https://kafka.apache.org/42/javadoc/org/apache/kafka/streams/kstream";
const KSTREAM = "streams/src/main/java/org/apache/kafka/streams/kstream";

export type SourceId =
  | "flink-lifecycle"
  | "flink-assigners"
  | "flink-tumbling"
  | "flink-sliding"
  | "flink-session"
  | "flink-triggers"
  | "flink-lateness"
  | "flink-results"
  | "flink-time"
  | "flink-watermarks"
  | "flink-idle"
  | "flink-bounded"
  | "flink-merging"
  | "flink-operator"
  | "beam-fixed"
  | "beam-offset"
  | "beam-sliding"
  | "beam-session"
  | "beam-late"
  | "beam-event-time"
  | "beam-processing-time"
  | "beam-count"
  | "beam-modes"
  | "beam-interval"
  | "beam-pane"
  | "beam-on-time"
  | "beam-expiry"
  | "beam-flatten"
  | "beam-deduplicate"
  | "dataflow-model"
  | "kafka-time-windows"
  | "kafka-session-windows"
  | "kafka-sliding-windows"
  | "kafka-grace"
  | "kafka-session-aggregate"
  | "kafka-suppress"
  | "kafka-timestamps"
  | "kafka-stream-time"
  | "numaflow";

export const SOURCES: Readonly<Record<SourceId, Source>> = {
  "flink-lifecycle": {
    of: "Flink",
    url: `${FLINK_WINDOWS}#window-lifecycle`,
    section: "Window Lifecycle",
    says: "a window is made by its first element and removed at its end plus the allowed lateness",
  },
  "flink-assigners": {
    of: "Flink",
    url: `${FLINK_WINDOWS}#window-assigners`,
    section: "Window Assigners",
    says: "the start belongs to a time window, the end does not",
  },
  "flink-tumbling": {
    of: "Flink",
    url: `${FLINK_WINDOWS}#tumbling-windows`,
    section: "Tumbling Windows",
    says: "windows are aligned with the epoch; an offset moves them",
  },
  "flink-sliding": {
    of: "Flink",
    url: `${FLINK_WINDOWS}#sliding-windows`,
    section: "Sliding Windows",
    says: "windows of a size start every slide; an element is in several where they overlap",
  },
  "flink-session": {
    of: "Flink",
    url: `${FLINK_WINDOWS}#session-windows`,
    section: "Session Windows",
    says: "a session closes when nothing came for the gap, which may be computed from each element",
  },
  "flink-triggers": {
    of: "Flink",
    url: `${FLINK_WINDOWS}#triggers`,
    section: "Triggers",
    says: "by default a window fires once the watermark passes its end; a count trigger replaces that",
  },
  "flink-lateness": {
    of: "Flink",
    url: `${FLINK_WINDOWS}#allowed-lateness`,
    section: "Allowed Lateness, Late elements considerations",
    says: "late elements within the lateness fire again and may merge sessions; others are dropped or a side output",
  },
  "flink-results": {
    of: "Flink",
    url: `${FLINK_WINDOWS}#working-with-window-results`,
    section: "Working with window results",
    says: "a result's time is the end less one millisecond, so that windows can follow windows",
  },
  "flink-time": {
    of: "Flink",
    url: `${FLINK}/db41c1da4d96234d30ff9633c0db0b4b34b0029c/docs/content/docs/concepts/time.md`,
    section: "Watermarks in Parallel Streams, Lateness",
    says: "an operator with several inputs has the least of their watermarks",
  },
  "flink-watermarks": {
    of: "Flink",
    url: `${FLINK_WATERMARKS}#writing-a-periodic-watermarkgenerator`,
    section: "Writing a Periodic WatermarkGenerator",
    says: "watermarks are given out periodically, and only where they are higher than the last",
  },
  "flink-idle": {
    of: "Flink",
    url: `${FLINK_WATERMARKS}#dealing-with-idle-sources`,
    section: "Dealing With Idle Sources",
    says: "an input without events holds the least watermark back; one that is marked idle does not",
  },
  "flink-bounded": {
    of: "Flink",
    url: `${FLINK}/3cf402c6759173b0fe48de1567a6cf58000ead72/flink-core/src/main/java/org/apache/flink/api/common/eventtime/BoundedOutOfOrdernessWatermarks.java`,
    section: "BoundedOutOfOrdernessWatermarks",
    says: "the watermark is the highest timestamp less the bound less one: nothing as old as that is expected",
  },
  "flink-merging": {
    of: "Flink",
    url: `${FLINK}/0845c5756790de527563cd0b27787c8cd78aa216/flink-streaming-java/src/main/java/org/apache/flink/streaming/api/windowing/windows/TimeWindow.java`,
    section: "TimeWindow.intersects",
    says: "windows that touch, one after the other, are merged",
  },
  "flink-operator": {
    of: "Flink",
    url: `${FLINK}/4fe49272c402e7ec11667ba854eaacdd020ccfdd/flink-streaming-java/src/main/java/org/apache/flink/streaming/runtime/operators/windowing/WindowOperator.java`,
    section: "WindowOperator.isWindowLate, cleanupTime",
    says: "a window is late once the watermark is at its last timestamp plus the allowed lateness",
  },
  "beam-fixed": {
    of: "Beam",
    url: `${BEAM_GUIDE}#fixed-time-windows`,
    section: "Fixed time windows",
    says: "each window goes up to, but not including, its end",
  },
  "beam-offset": {
    of: "Beam",
    url: `${BEAM}/6fdde4f4eab72b49b10a8bb1cb3be263c5c416b5/${BEAM_WINDOWING}/FixedWindows.java`,
    section: "FixedWindows.withOffset",
    says: "windows are [n × size + offset, (n + 1) × size + offset), from the epoch",
  },
  "beam-sliding": {
    of: "Beam",
    url: `${BEAM_GUIDE}#sliding-time-windows`,
    section: "Sliding time windows",
    says: "a window of a duration starts every period; most elements are in more than one",
  },
  "beam-session": {
    of: "Beam",
    url: `${BEAM_GUIDE}#session-windows`,
    section: "Session windows",
    says: "per key, elements within the gap of another share a window",
  },
  "beam-late": {
    of: "Beam",
    url: `${BEAM_GUIDE}#watermarks-and-late-data`,
    section: "Watermarks and late data",
    says: "what comes after the watermark has passed the end of its window is late; allowed lateness goes downstream",
  },
  "beam-event-time": {
    of: "Beam",
    url: `${BEAM_GUIDE}#event-time-triggers`,
    section: "Event time triggers, The default trigger",
    says: "the default trigger fires at the watermark, then for each late element; early firings come before it",
  },
  "beam-processing-time": {
    of: "Beam",
    url: `${BEAM_GUIDE}#processing-time-triggers`,
    section: "Processing time triggers",
    says: "early firings by time go by the clock of the machine",
  },
  "beam-count": {
    of: "Beam",
    url: `${BEAM_GUIDE}#data-driven-triggers`,
    section: "Data-driven triggers",
    says: "a pane fires once it has so many elements; fewer wait for another trigger",
  },
  "beam-modes": {
    of: "Beam",
    url: `${BEAM_GUIDE}#window-accumulation-modes`,
    section: "Window accumulation modes",
    says: "panes accumulate, or hold what came since the last; both with an example that fires every three elements",
  },
  "beam-interval": {
    of: "Beam",
    url: `${BEAM}/ed3dadcb8ff736ea82e1521d8eec7629402f8ba0/${BEAM_WINDOWING}/IntervalWindow.java`,
    section: "IntervalWindow.isDisjoint, maxTimestamp",
    says: "windows that touch are disjoint, so that sessions exactly a gap apart stay two",
  },
  "beam-pane": {
    of: "Beam",
    url: `${BEAM}/f65817424cfcf39bcf0f52fb72cc535fcbc4e1d6/${BEAM_WINDOWING}/PaneInfo.java`,
    section: "PaneInfo.Timing",
    says: "the panes of a window are any early ones, at most one on time, then late ones",
  },
  "beam-on-time": {
    of: "Beam",
    url: `${BEAM}/217feb164956afb04ee9499822fa62ab6711ec8e/${BEAM_WINDOWING}/Window.java`,
    section: "Window.OnTimeBehavior",
    says: "by default the on-time pane fires even if nothing is new since the last firing",
  },
  "beam-expiry": {
    of: "Beam",
    url: `${BEAM}/beb3039a95efbbbfd4dc4e9ffbac887c1336676b/runners/core-java/src/main/java/org/apache/beam/runners/core/LateDataUtils.java`,
    section: "LateDataUtils.dropExpiredWindows",
    says: "an element is dropped from each window that has expired, by the window it was assigned before any merge",
  },
  "beam-flatten": {
    of: "Beam",
    url: "https://mail-archive.com/dev@beam.apache.org/msg05970.html",
    section: "the developers' list on Flatten",
    says: "the watermark behind a Flatten is the least of its inputs'",
  },
  "beam-deduplicate": {
    of: "Beam",
    url: "https://beam.apache.org/releases/javadoc/current/org/apache/beam/sdk/transforms/Deduplicate.html",
    section: "Deduplicate",
    says: "by best effort, within a window and for a duration of event or processing time",
  },
  "dataflow-model": {
    of: "Dataflow Model",
    url: "https://www.vldb.org/pvldb/vol8/p1792-Akidau.pdf",
    section: "2.3 Triggers & Incremental Processing",
    says: "panes discard, accumulate, or accumulate and retract the value that was given before",
  },
  "kafka-time-windows": {
    of: "Kafka Streams",
    url: `${KAFKA_DOCS}/TimeWindows.html`,
    section: "TimeWindows",
    says: "windows are aligned to the epoch, the first begins at zero: [0;5000),[3000;8000) for 5000 by 3000",
  },
  "kafka-session-windows": {
    of: "Kafka Streams",
    url: `${KAFKA_DOCS}/SessionWindows.html`,
    section: "SessionWindows",
    says: "gap 5 and times 10, 12, 20 make two sessions, 10 to 12 and 20; a record at 16 makes them one",
  },
  "kafka-sliding-windows": {
    of: "Kafka Streams",
    url: `${KAFKA_DOCS}/SlidingWindows.html`,
    section: "SlidingWindows",
    says: "a window begins or ends where a record enters or leaves it; both its bounds belong to it",
  },
  "kafka-grace": {
    of: "Kafka Streams",
    url: `${KAFKA}/f0d9611866cfdcac120e85d2cd7a82f2f020ed5e/${KSTREAM}/internals/KStreamWindowAggregate.java`,
    section: "KStreamWindowAggregate",
    says: "a record is taken into a window that ends after stream time less grace, the record's own time included",
  },
  "kafka-session-aggregate": {
    of: "Kafka Streams",
    url: `${KAFKA}/00a09c5dcb26aec70b66c0901cb8bad6bedcb08e/${KSTREAM}/internals/KStreamSessionWindowAggregate.java`,
    section: "KStreamSessionWindowAggregate",
    says: "sessions within the gap are merged, both bounds included; the old one gets a null; late only beyond",
  },
  "kafka-suppress": {
    of: "Kafka Streams",
    url: `${KAFKA}/057c5307e0f055b37794453d16f6f43b8c56528c/${KSTREAM}/Suppressed.java`,
    section: "Suppressed.untilWindowCloses",
    says: "results are given for every record, unless suppressed until end and grace have passed",
  },
  "kafka-timestamps": {
    of: "Kafka Streams",
    url: `${KAFKA}/0090d56b7c3fa861ab32ff4dba2448b8297d5dbe/streams/src/main/java/org/apache/kafka/streams/processor/TimestampExtractor.java`,
    section: "TimestampExtractor",
    says: "a record with a negative timestamp is dropped",
  },
  "kafka-stream-time": {
    of: "ksqlDB, on Kafka Streams",
    url: "https://github.com/confluentinc/ksql/blob/b7815efe23f3c1e9acd5125d40d70bc5ac47d411/docs/concepts/time-and-windows-in-ksqldb-queries.md#stream-time",
    section: "Stream-time",
    says: "the maximum timestamp of all records processed so far",
  },
  numaflow: {
    of: "Numaflow",
    url: "https://github.com/numaproj/numaflow/blob/e814963a1841b6055876a9366d41cb4f2b5a9703/docs/core-concepts/watermarks.md",
    section: "Idle Detection",
    says: "an idle source's watermark goes on by steps, never beyond the present less the allowed delay",
  },
};
