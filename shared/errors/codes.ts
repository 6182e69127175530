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
  PLAN_NOT_KEYED: "a keyed operator on a stream that has no key",
  PLAN_DURATION: "a duration that is not a positive whole number of milliseconds",
  PLAN_NAME: "a name that cannot name a resource",
  PLAN_OPTION: "an option outside its range",
  // while events are folded
  KEY_TYPE: "a key that is neither string nor number",
  OPERATOR_FAILED: "a user function threw",
  OPERATOR_HALTED: "a user function threw where the policy is to halt",
  // frames and entries
  FRAME_UNKNOWN: "bytes that are no frame of a known version",
  FRAME_TOO_LARGE: "a frame or entry that exceeds its limit",
  VALUE_UNSUPPORTED: "a value that would not read back from state as what it was",
  VALUE_UNDECODABLE: "a stored value that no codec wrote",
  // sinks and ports
  BLOB_CONTESTED: "an object that other writers were at each time",
  BLOB_NOT_DELETED: "objects that were to be deleted and were not",
  BODY_DAMAGED: "a stored body is missing or differs from its hash",
  LAKE_COLUMN: "a value that does not fit its lake column",
  PUBLISH_FAILED: "records that a stream did not accept before the deadline",
  VIEW_TOO_LARGE: "a view's key or row beyond what a table holds",
  CURSOR_INVALID: "a page cursor that no answer contained",
  WRITE_THROTTLED: "a table that took no write for too long",
  // local cloud
  LOCAL_RESOURCE_UNSUPPORTED: "a template asks for something that the local cloud cannot run",
  LOCAL_TEMPLATE_INVALID: "a template that the local cloud cannot read",
  // sample data and feed
  SAMPLE_MALFORMED: "a row or line of a data file that does not follow its format",
  FEED_REFUSED: "a batch of events that the endpoint refused for good",
  FEED_GAVE_UP: "a batch of events that the endpoint did not acknowledge in all attempts",
} as const;

export type ErrorCode = keyof typeof ERROR_CODES;
