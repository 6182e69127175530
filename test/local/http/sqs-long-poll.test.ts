import { once } from "node:events";
import { createServer } from "node:http";
import { expect, test } from "vitest";
import { answerJson } from "../../../local/http/json-protocol.ts";
import { receiveWaiting } from "../../../local/http/sqs-long-poll.ts";
import { SqsModel } from "../../../local/models/sqs/sqs-model.ts";
import { ManualClock } from "../models/manual-clock.ts";

function withQueue(Attributes: Record<string, string> = {}) {
  const sqs = new SqsModel({ clock: new ManualClock() });
  return { sqs, QueueUrl: sqs.createQueue({ QueueName: "work", Attributes }).QueueUrl };
}

test("a poll that nobody waits for takes no message", async () => {
  const { sqs, QueueUrl } = withQueue();
  const gone = new AbortController();
  const polled = receiveWaiting(sqs, { QueueUrl, WaitTimeSeconds: 20 }, () => gone.signal);
  gone.abort();
  sqs.sendMessage({ QueueUrl, MessageBody: "kept" });
  expect(await polled).toEqual({ Messages: [] });
  expect(sqs.receiveMessage({ QueueUrl }).Messages).toHaveLength(1);
});

test("without a wait nobody is asked whether somebody waits", async () => {
  const { sqs, QueueUrl } = withQueue();
  const unasked = () => expect.unreachable();
  expect(await receiveWaiting(sqs, { QueueUrl }, unasked)).toEqual({ Messages: [] });
});

test("a poll ends with nothing when its time is over", async () => {
  const { sqs, QueueUrl } = withQueue({ ReceiveMessageWaitTimeSeconds: "20" });
  const never = () => new AbortController().signal;
  expect(await receiveWaiting(sqs, { QueueUrl, WaitTimeSeconds: 1 }, never)).toEqual({ Messages: [] });
});

test("an operation learns that its client has gone", async () => {
  const begun = Promise.withResolvers<void>();
  const abandoned = Promise.withResolvers<void>();
  const services = {
    Any: {
      Wait: (_input: never, call: { abandoned: () => AbortSignal }) => {
        call.abandoned().addEventListener("abort", () => abandoned.resolve());
        begun.resolve();
        return abandoned.promise;
      },
    },
  };
  const server = createServer((request, response) => {
    void answerJson(services, "Any.Wait", request, response, Buffer.from("{}"));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  const gone = new AbortController();
  const call = fetch(`http://127.0.0.1:${port}`, { method: "POST", signal: gone.signal });
  await begun.promise;
  gone.abort();
  await expect(call).rejects.toThrow();
  await abandoned.promise;
  server.close();
});
