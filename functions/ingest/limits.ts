/** The most that a body may weigh once it is unpacked. */
export const MAX_BODY_BYTES: number = 5 * 1024 * 1024;

/** With a verdict on each of them, an answer still fits the 6 MB that a function may give. */
export const MAX_EVENTS = 20_000;

/** A message of a verdict or an error is cut here: it may quote what the client sent. */
export const MAX_MESSAGE_CHARS = 200;

/** Longer ones make no keys of a view or of an index. */
export const MAX_KEY_CHARS = 1_024;
export const MAX_ID_CHARS = 256;
