/** Every error code and its one-line meaning; docs/errors.md says more, and a test keeps the two in step. */
export const ERROR_CODES = {
  // plan time
  PLAN_CYCLE: "a pipeline's operators form a cycle",
  PLAN_UNREACHED: "an operator is fed by no stream",
  PLAN_NO_SINK: "an operator's results reach no sink",
  PLAN_ID_MISSING: "a stateful operator has no id",
  PLAN_ID_DUPLICATE: "two operators share one id",
  PLAN_NO_EVENT_TIME: "a window over a stream without event time",
  PLAN_UNKNOWN_STREAM: "a pipeline reads a stream that the application does not declare",
  PLAN_UNKNOWN_SINK: "an operator writes to something that is no sink",
  PLAN_KEY_TYPE: "a key field that is neither string nor number",
  PLAN_DURATION: "a duration that is not a positive whole number of milliseconds",
  PLAN_NAME: "a name that cannot name a resource",
  PLAN_OPTION: "an option outside its range",
  // while events are folded
  EVENT_MISPLACED: "a record that belongs to another stream, stage or partition",
  KEY_TYPE: "a key that is neither string nor number",
  OPERATOR_FAILED: "a user function threw",
  OPERATOR_HALTED: "a user function threw where the policy is to halt",
  // frames and entries
  FRAME_UNKNOWN: "bytes that are no frame of a known version",
  FRAME_TOO_LARGE: "a frame or entry that exceeds its limit",
  VALUE_UNSUPPORTED: "a value that would not read back from state as what it was",
  VALUE_UNDECODABLE: "a stored value that no codec wrote",
  // the commit log
  ENTRY_UNKNOWN: "a log entry of a version that this build does not know",
  SNAPSHOT_UNKNOWN: "a snapshot that is missing or of a version that this build does not know",
  LOG_GAP: "an entry is missing between the snapshot and the end of the log",
  STATE_MISMATCH: "saved state that another shape of the stage wrote",
  // deployment
  SETTING_MISSING: "a setting that the deployment must give is missing",
  STAGE_UNKNOWN: "a function was deployed for a stage that its pipelines do not have",
  // sinks and ports
  BLOB_CONTESTED: "an object that other writers were at each time",
  BLOB_NOT_DELETED: "objects that were to be deleted and were not",
  BODY_DAMAGED: "a stored body is missing or differs from its hash",
  LAKE_COLUMN: "a value that does not fit its lake column",
  PUBLISH_FAILED: "records that a stream did not accept before the deadline",
  VIEW_TOO_LARGE: "a view's key or row beyond what a table holds",
  CURSOR_INVALID: "a page cursor that no answer contained",
  WRITE_THROTTLED: "a table that took no write for too long",
  // requests to ingest and query
  BODY_EMPTY: "a request without a single event",
  BODY_JSON: "a body that is not JSON in UTF-8",
  BODY_TOO_LARGE: "a body of more bytes or more events than one request takes",
  CONTENT_ENCODING: "a body in another encoding than gzip, or not in the one that it names",
  CONTENT_TYPE: "a body of a type that carries no events",
  IDEMPOTENCY_KEY: "an Idempotency-Key that is empty, too long or came with another request before",
  METHOD: "a method that a path does not know",
  PIPELINE_UNKNOWN: "a pipeline that the application does not have",
  QUERY_KEY: "a query without a key, or with a key that is not of the type it names",
  QUERY_LIMIT: "a page size that is not a whole number from 1 to 1000",
  QUERY_RANGE: "a range whose ends are no times, no numbers, or in the wrong order",
  REQUEST_IN_PROGRESS: "a request whose Idempotency-Key is being worked on",
  ROUTE_UNKNOWN: "a path that nothing answers",
  STREAM_UNKNOWN: "a stream that the application does not have",
  UNEXPECTED: "a fault of the service itself, told in its log",
  VIEW_UNKNOWN: "a view that no pipeline writes",
  // verdicts on single events
  EVENT_AHEAD: "an event from further in the future than its stream takes",
  EVENT_CLOUDEVENT: "an event that does not follow CloudEvents 1.0",
  EVENT_ID: "an event id that is empty, longer than 256 characters or no Unicode text",
  EVENT_JSON: "a line that is not JSON in UTF-8",
  EVENT_KEY: "an event whose key is no string of at most 1024 characters and no finite number",
  EVENT_PROTO: "an event with a field named __proto__",
  EVENT_SCHEMA: "an event that its stream's schema refuses",
  EVENT_TIME: "an event without a valid time where its stream has event time",
  EVENT_TOO_LARGE: "an event that exceeds a record",
  EVENT_TOO_OLD: "an event from further in the past than its stream takes",
  EVENT_UNSUPPORTED:
    "an event that its schema turned into what is not plain JSON, or that is nested too deep",
  // simulator
  INVARIANT_VIOLATED: "a simulated run in which something did not hold that must hold in every run",
  // local cloud
  LOCAL_ADDRESS: "an address on which the local cloud cannot listen",
  LOCAL_CLOSED: "an update of a local cloud that is closed",
  LOCAL_RESOURCE_UNSUPPORTED: "a template asks for something that the local cloud cannot run",
  LOCAL_ROLLBACK_FAILED: "an update of the local cloud that failed and could not be taken back",
  LOCAL_TEMPLATE_INVALID: "a template that the local cloud cannot read",
  LOCAL_UPDATE_ROLLED_BACK: "a changed template that the local cloud could not apply and took back",
  // command line
  CLI_MODULE: "a module that cannot be loaded, or that exports no application and no pipeline",
  CLI_NO_PIPELINES: "a folder in which there is nothing to run",
  CLI_OPTION: "a command, option or argument that the command line does not know",
  // bounded runs
  RUN_INPUT: "an input file of a bounded run that is missing, or that no stream takes",
  // sample data, feed and main job
  SAMPLE_MALFORMED: "a row or line of a data file that does not follow its format",
  FEED_REFUSED: "a batch of events that the endpoint refused for good",
  FEED_GAVE_UP: "a batch of events that the endpoint did not acknowledge in all attempts",
  JOB_STALLED: "a job in which nothing moves any more",
  SYNTH_FAILED: "a CDK app that made no template",
} as const;

export type ErrorCode = keyof typeof ERROR_CODES;
