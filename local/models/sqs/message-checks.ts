import { ServiceError } from "../service-error.ts";
import { attributesSize, checkMessageAttributes, checkSystemAttributes } from "./message-attributes.ts";
import type { SendMessageEntry } from "./sqs-api.ts";
import { checkSpan, invalidParameter } from "./sqs-error.ts";

const MAX_DELAY_SECONDS = 900;
/** What XML 1.0 has no character for. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/u;
const GROUP_ID = /^[\w!"#$%&'()*+,\-./:;<=>?@[\\\]^`{|}~]{1,128}$/;

/** Body and attributes in bytes: what the limits of messages and batches are about. */
export const messageSize = ({ MessageBody, MessageAttributes }: SendMessageEntry): number =>
  Buffer.byteLength(MessageBody) + attributesSize(MessageAttributes);

/** Throws where a standard queue does not take a message. */
export function checkMessage(entry: SendMessageEntry, maxBytes: number): void {
  const { MessageBody: body, MessageAttributes = {}, MessageSystemAttributes = {} } = entry;
  if (typeof body !== "string" || body === "")
    throw new ServiceError("MissingParameter", "The request must contain the parameter MessageBody.");
  if (FORBIDDEN.test(body))
    throw new ServiceError(
      "InvalidMessageContents",
      "Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF",
    );
  checkMessageAttributes(MessageAttributes);
  checkSystemAttributes(MessageSystemAttributes);
  if (messageSize(entry) > maxBytes)
    throw new ServiceError(
      "InvalidParameterValue",
      `One or more parameters are invalid. Reason: Message must be shorter than ${maxBytes} bytes.`,
    );
  checkSpan("DelaySeconds", entry.DelaySeconds, 0, MAX_DELAY_SECONDS);
  const { MessageGroupId: group, MessageDeduplicationId: deduplication } = entry;
  if (group !== undefined && !GROUP_ID.test(group))
    throw invalidParameter(
      "MessageGroupId",
      group,
      "MessageGroupId can only include alphanumeric and punctuation characters. 1 to 128 in length.",
    );
  if (deduplication !== undefined)
    throw invalidParameter(
      "MessageDeduplicationId",
      deduplication,
      "The request include parameter that is not valid for this queue type.",
    );
}
