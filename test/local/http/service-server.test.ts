import { CreateStreamCommand, PutRecordCommand } from "@aws-sdk/client-kinesis";
import { expect, test } from "vitest";
import { startLocalServices } from "./local-services.ts";

/** One call of the AWS JSON protocol, as raw as it gets. */
async function call(url: string, target: string, body: string) {
  const response = await fetch(url, { method: "POST", headers: { "x-amz-target": target }, body });
  return { status: response.status, headers: response.headers, body: await response.text() };
}

test("an unknown operation, broken JSON and a body that is too long are told apart", async () => {
  const local = await startLocalServices();
  try {
    const unknown = await call(local.url, "DynamoDB_20120810.ExecuteStatement", "{}");
    expect(unknown.status).toBe(400);
    expect(JSON.parse(unknown.body)).toMatchObject({
      __type: "UnknownOperationException",
      message: "the local cloud does not know the operation DynamoDB_20120810.ExecuteStatement",
    });
    const other = await call(local.url, "AWSEvents.PutEvents", "{}");
    expect(JSON.parse(other.body).message).toContain("AWS_ENDPOINT_URL_<SERVICE>");
    expect(unknown.headers.get("x-amzn-requestid")).toBeTruthy();
    for (const target of ["Nothing.At", "toString.call", "constructor", "Kinesis_20131202.constructor"])
      expect((await call(local.url, target, "{}")).body).toContain("UnknownOperationException");
    expect((await call(local.url, "Kinesis_20131202.PutRecord", "{")).body).toContain(
      "SerializationException",
    );
    const long = await call(local.url, "Kinesis_20131202.PutRecord", " ".repeat(17 * 1_048_576));
    expect(long.status).toBe(413);
  } finally {
    await local.close();
  }
});

test("extra gets what is no AWS JSON call, with its body, before S3 does", async () => {
  const seen: string[] = [];
  const local = await startLocalServices({
    extra: async (request, response, body) => {
      if (request.url !== "/hello") return false;
      seen.push(Buffer.from(body).toString());
      response.end("hi");
      return true;
    },
  });
  try {
    const answer = await fetch(`${local.url}/hello`, { method: "POST", body: "there" });
    expect(await answer.text()).toBe("hi");
    expect(seen).toEqual(["there"]);
    expect(await (await fetch(`${local.url}/nowhere/key`)).text()).toContain("NoSuchBucket");
  } finally {
    await local.close();
  }
});

test.each([
  ["ec2", "application/x-www-form-urlencoded; charset=utf-8", /^<\?xml.*<Response><Errors><Error>/s],
  ["sts", "application/x-www-form-urlencoded", /^<\?xml.*<ErrorResponse><Error>/s],
  ["lambda", "application/json", /^\{"__type":"NotImplemented"/],
])(
  "a call that was signed for %s is refused by its name, and is none of S3's",
  async (service, type, form) => {
    const local = await startLocalServices();
    try {
      const scope = `local/20260101/us-east-1/${service}/aws4_request`;
      const headers = {
        "content-type": type,
        authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=0`,
      };
      const response = await fetch(`${local.url}/things?x=1`, { method: "POST", headers, body: "a=b" });
      const text = await response.text();
      expect([response.status, response.headers.get("x-amzn-errortype")]).toEqual([501, "NotImplemented"]);
      expect(text).toMatch(form);
      expect(text.replaceAll('\\"', '"').replaceAll("&#34;", '"')).toContain(`POST /things of "${service}"`);
    } finally {
      await local.close();
    }
  },
);

test("closing ends a connection that still waits for its answer", async () => {
  let arrived: (() => void) | undefined;
  const waiting = new Promise<void>((resolve) => {
    arrived = resolve;
  });
  const local = await startLocalServices({
    extra: () => {
      arrived?.();
      return new Promise<boolean>(() => {});
    },
  });
  const poll = fetch(`${local.url}/next`).catch((error: unknown) => error);
  await waiting;
  await local.close();
  expect(await poll).toBeInstanceOf(Error);
});

test("a lost response reaches the client as a failure although the record is there", async () => {
  const local = await startLocalServices({
    faults: {
      before: (_service, operation) => (operation === "PutRecord" ? { kind: "lost-response" } : undefined),
    },
  });
  try {
    await local.kinesis.send(new CreateStreamCommand({ StreamName: "s", ShardCount: 1 }));
    await expect(
      local.kinesis.send(
        new PutRecordCommand({ StreamName: "s", PartitionKey: "k", Data: Uint8Array.of(1) }),
      ),
    ).rejects.toMatchObject({ name: "InternalFailure", $metadata: { httpStatusCode: 500 } });
    expect(local.models.kinesis.read("s", "shardId-000000000000", undefined, 9, 999).records).toHaveLength(1);
  } finally {
    await local.close();
  }
});
