import { fc, test as property } from "@fast-check/vitest";
import { expect } from "vitest";
import { SqsModel } from "../../../../local/models/sqs/sqs-model.ts";
import { seconds } from "../../../../shared/time/time.ts";
import { ManualClock } from "../manual-clock.ts";

const VISIBILITY = 3;
const RETENTION = 60;
const MAX_RECEIVES = 2;

/** A message as the documentation tells of it: nothing is moved or dropped before somebody looks. */
type Told = {
  readonly body: string;
  readonly sentAt: number;
  visibleAt: number;
  receives: number;
  state: "there" | "dead" | "deleted";
};

const anyStep = fc.oneof(
  fc.record({ kind: fc.constant("send" as const), delay: fc.integer({ min: 0, max: 2 }) }),
  fc.record({ kind: fc.constant("receive" as const), most: fc.integer({ min: 1, max: 3 }) }),
  fc.record({ kind: fc.constant("delete" as const), which: fc.nat({ max: 5 }) }),
  fc.record({ kind: fc.constant("hide" as const), which: fc.nat({ max: 5 }), timeout: fc.nat({ max: 6 }) }),
  fc.record({ kind: fc.constant("pass" as const), time: fc.constantFrom(1, 2, 3, 59) }),
);

property.prop([fc.array(anyStep, { maxLength: 40 })])(
  "messages are given, hidden, given up and dropped as the documentation tells",
  (steps) => {
    const clock = new ManualClock();
    const sqs = new SqsModel({ clock });
    const dead = sqs.createQueue({ QueueName: "dead" });
    const deadLetterTargetArn = "arn:aws:sqs:us-east-1:000000000000:dead";
    const { QueueUrl } = sqs.createQueue({
      QueueName: "work",
      Attributes: {
        VisibilityTimeout: String(VISIBILITY),
        MessageRetentionPeriod: String(RETENTION),
        RedrivePolicy: JSON.stringify({ deadLetterTargetArn, maxReceiveCount: MAX_RECEIVES }),
      },
    });
    const begun = clock.now();
    const now = () => (clock.now() - begun) / 1_000;
    const told: Told[] = [];
    const received: { readonly handle: string; readonly message: Told; readonly receives: number }[] = [];
    const isYoung = ({ sentAt }: Told) => now() - sentAt <= RETENTION;
    const isVisible = (message: Told) =>
      message.state === "there" && isYoung(message) && message.visibleAt <= now();

    for (const step of steps)
      switch (step.kind) {
        case "send": {
          const body = `message ${told.length}`;
          sqs.sendMessage({ QueueUrl, MessageBody: body, DelaySeconds: step.delay });
          told.push({ body, sentAt: now(), visibleAt: now() + step.delay, receives: 0, state: "there" });
          break;
        }
        case "receive": {
          const expected: Told[] = [];
          for (const message of told) {
            if (expected.length === step.most) break;
            if (!isVisible(message)) continue;
            if (message.receives >= MAX_RECEIVES) message.state = "dead";
            else expected.push(message);
          }
          const { Messages } = sqs.receiveMessage({ QueueUrl, MaxNumberOfMessages: step.most });
          expect(Messages.map(({ Body }) => Body)).toEqual(expected.map(({ body }) => body));
          for (const [index, message] of expected.entries()) {
            message.receives += 1;
            message.visibleAt = now() + VISIBILITY;
            const handle = Messages[index]?.ReceiptHandle ?? "";
            received.push({ handle, message, receives: message.receives });
          }
          break;
        }
        case "delete": {
          const one = received[step.which];
          if (one === undefined) break;
          sqs.deleteMessage({ QueueUrl, ReceiptHandle: one.handle });
          if (one.message.state === "there" && one.message.receives === one.receives)
            one.message.state = "deleted";
          break;
        }
        case "hide": {
          const one = received[step.which];
          if (one === undefined) break;
          const { message } = one;
          const input = { QueueUrl, ReceiptHandle: one.handle, VisibilityTimeout: step.timeout };
          const isInFlight =
            message.state === "there" &&
            isYoung(message) &&
            message.receives === one.receives &&
            message.visibleAt > now();
          if (isInFlight) {
            sqs.changeMessageVisibility(input);
            message.visibleAt = now() + step.timeout;
          } else expect(() => sqs.changeMessageVisibility(input)).toThrow();
          break;
        }
        case "pass":
          clock.advance(seconds(step.time));
      }

    const deadBodies: string[] = [];
    for (;;) {
      const { Messages } = sqs.receiveMessage({ ...dead, MaxNumberOfMessages: 10 });
      if (Messages.length === 0) break;
      deadBodies.push(...Messages.map(({ Body }) => Body));
    }
    const expectedDead = told.filter(({ state }) => state === "dead").map(({ body }) => body);
    expect(deadBodies.sort()).toEqual(expectedDead.sort());
  },
);
