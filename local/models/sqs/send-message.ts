import { hash } from "node:crypto";
import type { EpochMs } from "../../../shared/time/time.ts";
import { attributesMd5 } from "./message-attributes.ts";
import { checkMessage } from "./message-checks.ts";
import type { Queue } from "./queue.ts";
import type { SendMessageEntry, SendMessageOutput } from "./sqs-api.ts";

/** Checks a message and puts it into a queue. Throws what checkMessage throws. */
export function sendTo(queue: Queue, entry: SendMessageEntry, now: EpochMs): SendMessageOutput {
  checkMessage(entry, queue.number("MaximumMessageSize"));
  const { id } = queue.send(entry, now);
  const attributes = attributesMd5(entry.MessageAttributes);
  const system = attributesMd5(entry.MessageSystemAttributes);
  return {
    MessageId: id,
    MD5OfMessageBody: hash("md5", entry.MessageBody, "hex"),
    ...(attributes !== undefined && { MD5OfMessageAttributes: attributes }),
    ...(system !== undefined && { MD5OfMessageSystemAttributes: system }),
  };
}
