import {
  BatchWriteItemCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  TransactWriteItemsCommand,
} from "@aws-sdk/client-dynamodb";
import {
  GetRecordsCommand,
  GetShardIteratorCommand,
  ListStreamsCommand,
  PutRecordsCommand,
} from "@aws-sdk/client-kinesis";
import {
  CopyObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import { SendMessageCommand } from "@aws-sdk/client-sqs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Account, FUNCTION, ROLE, SESSION, STAGE, startAccount } from "./local-account.ts";

const STREAM = "arn:aws:kinesis:us-east-1:000000000000:stream/words";
const TABLE = "arn:aws:dynamodb:us-east-1:000000000000:table/seen";
const BUCKET = "arn:aws:s3:::bodies";
const QUEUE = "arn:aws:sqs:us-east-1:000000000000:dead";

let account: Account;
beforeEach(async () => {
  account = await startAccount();
});
afterEach(() => account.close());

const allow = (Action: string | readonly string[], Resource: string | readonly string[], Condition = {}) => ({
  Effect: "Allow",
  Action,
  Resource,
  Condition,
});
const deny = (Action: string, Resource: string) => ({ Effect: "Deny", Action, Resource });

const refusal = (name: string, status: number, message: string) =>
  expect.objectContaining({
    name,
    message: expect.stringContaining(message),
    $metadata: expect.objectContaining({ httpStatusCode: status }),
  });

const put = () =>
  account.kinesis.send(
    new PutRecordsCommand({ StreamName: "words", Records: [{ PartitionKey: "a", Data: Uint8Array.of(1) }] }),
  );

describe("Kinesis", () => {
  test("refuses what no policy allows, and says so as AWS does", async () => {
    await expect(put()).rejects.toEqual(
      refusal(
        "AccessDeniedException",
        400,
        `User: ${SESSION} is not authorized to perform: kinesis:PutRecords on resource: ${STREAM} because no identity-based policy allows the kinesis:PutRecords action`,
      ),
    );
    account.permit(allow("kinesis:PutRecords", STREAM));
    expect((await put()).FailedRecordCount).toBe(0);
  });

  test("names an explicit deny", async () => {
    account.permit(allow("kinesis:*", "*"), deny("kinesis:Put*", STREAM));
    await expect(put()).rejects.toEqual(
      refusal("AccessDeniedException", 400, `${STREAM} with an explicit deny in an identity-based policy`),
    );
    expect(await account.kinesis.send(new ListStreamsCommand({}))).toMatchObject({ StreamNames: ["words"] });
  });

  test("reads only the stream for which an iterator was made, whatever the call says", async () => {
    const { NextShardIterator } = account.kinesisModel.getRecords({
      ShardIterator: account.kinesisModel.getShardIterator({
        StreamName: "words",
        ShardId: "shardId-000000000000",
        ShardIteratorType: "TRIM_HORIZON",
      }).ShardIterator,
    });
    const StreamARN = STREAM.replace("words", "others");
    account.permit(allow("kinesis:GetRecords", StreamARN));
    const ShardIterator = NextShardIterator ?? "";
    const { kinesis } = account.clients(STAGE);
    await expect(kinesis.send(new GetRecordsCommand({ ShardIterator, StreamARN }))).rejects.toThrow(STREAM);
    account.permit(allow(["kinesis:GetRecords", "kinesis:GetShardIterator"], STREAM));
    expect((await kinesis.send(new GetRecordsCommand({ ShardIterator }))).Records).toEqual([]);
    const another = {
      StreamName: "words",
      ShardId: "shardId-000000000000",
      ShardIteratorType: "LATEST",
    } as const;
    expect((await kinesis.send(new GetShardIteratorCommand(another))).ShardIterator).toBeDefined();
  });
});

describe("DynamoDB", () => {
  const TableName = "seen";
  const item = (word: string, more = {}) => ({ word: { S: word }, line: { S: "1" }, ...more });
  const putItem = (word: string, more = {}) =>
    account.dynamodb.send(new PutItemCommand({ TableName, Item: item(word, more) }));

  test("asks for an index alone where one is read", async () => {
    const query = new QueryCommand({
      TableName,
      IndexName: "by-page",
      KeyConditionExpression: "page = :page",
      ExpressionAttributeValues: { ":page": { S: "a" } },
    });
    account.permit(allow("dynamodb:Query", TABLE));
    await expect(account.dynamodb.send(query)).rejects.toEqual(
      refusal("AccessDeniedException", 400, `dynamodb:Query on resource: ${TABLE}/index/by-page because`),
    );
    account.permit(allow("dynamodb:Query", `${TABLE}/index/*`));
    expect((await account.dynamodb.send(query)).Count).toBe(0);
  });

  test("asks for a batch's own action, on each of its tables", async () => {
    const batch = new BatchWriteItemCommand({
      RequestItems: {
        seen: [{ PutRequest: { Item: item("a") } }],
        log: [{ DeleteRequest: { Key: item("a") } }],
      },
    });
    account.permit(allow(["dynamodb:PutItem", "dynamodb:DeleteItem"], "*"));
    await expect(account.dynamodb.send(batch)).rejects.toThrow(
      `dynamodb:BatchWriteItem on resource: ${TABLE}`,
    );
    account.permit(allow("dynamodb:BatchWriteItem", TABLE));
    await expect(account.dynamodb.send(batch)).rejects.toThrow("table/log because");
  });

  test("asks for what each item of a transaction does", async () => {
    const Key = item("a");
    const transaction = new TransactWriteItemsCommand({
      TransactItems: [
        { Put: { TableName, Item: item("b") } },
        { ConditionCheck: { TableName, Key, ConditionExpression: "attribute_not_exists(word)" } },
      ],
    });
    account.permit(allow("dynamodb:PutItem", TABLE));
    await expect(account.dynamodb.send(transaction)).rejects.toThrow("dynamodb:ConditionCheckItem");
    account.permit(allow(["dynamodb:PutItem", "dynamodb:ConditionCheckItem"], TABLE));
    await account.dynamodb.send(transaction);
    const Condition = { StringNotEquals: { "dynamodb:EnclosingOperation": "TransactWriteItems" } };
    account.permit(allow("dynamodb:*", TABLE), { ...deny("dynamodb:Put*", TABLE), Condition });
    await expect(putItem("c")).rejects.toThrow("explicit deny");
    await account.dynamodb.send(transaction);
  });

  test("holds a role to the partition keys of a condition", async () => {
    const Condition = { "ForAllValues:StringLike": { "dynamodb:LeadingKeys": ["a*"] } };
    account.permit(allow(["dynamodb:PutItem", "dynamodb:Query", "dynamodb:Scan"], TABLE, Condition));
    const query = (expression: string, word: string) =>
      account.dynamodb.send(
        new QueryCommand({
          TableName,
          KeyConditionExpression: expression,
          ExpressionAttributeNames: { "#w": "word" },
          ExpressionAttributeValues: { ":w": { S: word }, ":line": { S: "1" } },
        }),
      );
    await putItem("apple");
    await expect(putItem("pear")).rejects.toThrow("dynamodb:PutItem");
    expect((await query("line >= :line AND #w = :w", "apple")).Count).toBe(1);
    await expect(query(":w = #w AND line >= :line", "pear")).rejects.toThrow("dynamodb:Query");
    // a scan names no key at all, and all of none are within the condition: as AWS warns
    expect((await account.dynamodb.send(new ScanCommand({ TableName }))).Count).toBe(1);
  });

  test("holds a role to the attributes of a condition, wherever a request names them", async () => {
    const Condition = { "ForAllValues:StringEquals": { "dynamodb:Attributes": ["word", "line", "times"] } };
    account.permit(allow(["dynamodb:PutItem", "dynamodb:GetItem"], TABLE, Condition));
    const Key = item("a");
    const get = (ProjectionExpression: string) =>
      account.dynamodb.send(
        new GetItemCommand({
          TableName,
          Key,
          ProjectionExpression,
          ...(ProjectionExpression.includes("#") && { ExpressionAttributeNames: { "#s": "secret" } }),
        }),
      );
    await putItem("a", { times: { N: "1" } });
    await expect(putItem("a", { secret: { S: "x" } })).rejects.toThrow("dynamodb:PutItem");
    expect((await get("times.secret, word")).Item).toEqual({ word: { S: "a" } });
    await expect(get("times, #s")).rejects.toThrow("dynamodb:GetItem");
  });
});

describe("S3", () => {
  const get = (Key: string) => account.s3.send(new GetObjectCommand({ Bucket: "bodies", Key }));
  const store = (Key: string) => account.s3Model.putObject({ Bucket: "bodies", Key, Body: Uint8Array.of(1) });

  test("names the resource in quotes where it refuses", async () => {
    store("log/1");
    account.permit(allow("s3:GetObject", `${BUCKET}/snapshots/*`));
    await expect(get("log/1")).rejects.toEqual(
      refusal(
        "AccessDenied",
        403,
        `s3:GetObject on resource: "${BUCKET}/log/1" because no identity-based policy allows the s3:GetObject action`,
      ),
    );
  });

  test("tells that a key is not there only to who may list the bucket", async () => {
    account.permit(allow("s3:GetObject", `${BUCKET}/*`));
    const head = () => account.s3.send(new HeadObjectCommand({ Bucket: "bodies", Key: "none" }));
    await expect(get("none")).rejects.toEqual(
      refusal("AccessDenied", 403, `s3:ListBucket on resource: "${BUCKET}"`),
    );
    await expect(head()).rejects.toMatchObject({ $metadata: { httpStatusCode: 403 } });
    account.permit(allow("s3:GetObject", `${BUCKET}/*`), allow("s3:ListBucket", BUCKET));
    await expect(get("none")).rejects.toMatchObject({ name: "NoSuchKey" });
    await expect(head()).rejects.toMatchObject({ $metadata: { httpStatusCode: 404 } });
  });

  test("lists only below the prefix of a condition", async () => {
    account.permit(allow("s3:ListBucket", BUCKET, { StringLike: { "s3:prefix": "lake/*" } }));
    const list = (Prefix?: string) => account.s3.send(new ListObjectsV2Command({ Bucket: "bodies", Prefix }));
    expect((await list("lake/a")).KeyCount).toBe(0);
    await expect(list("log/")).rejects.toThrow("s3:ListBucket");
    await expect(list()).rejects.toThrow("s3:ListBucket");
  });

  test("deletes of a list what may be deleted, and answers for each key", async () => {
    for (const key of ["log/1", "lake/1"]) store(key);
    account.permit(allow("s3:DeleteObject", `${BUCKET}/log/*`));
    const Objects = ["log/1", "lake/1"].map((Key) => ({ Key }));
    const answer = await account.s3.send(new DeleteObjectsCommand({ Bucket: "bodies", Delete: { Objects } }));
    expect([answer.Deleted, answer.Errors]).toEqual([
      [{ Key: "log/1" }],
      [{ Key: "lake/1", Code: "AccessDenied", Message: "Access Denied" }],
    ]);
    const none = { Bucket: "bodies", Delete: { Objects: [{ Key: "lake/1" }] } };
    expect((await account.s3.send(new DeleteObjectsCommand(none))).Deleted).toBeUndefined();
    expect(account.s3Model.headObject({ Bucket: "bodies", Key: "lake/1" }).ContentLength).toBe(1);
  });

  test("copies only what may be read", async () => {
    store("log/1");
    const copy = new CopyObjectCommand({ Bucket: "bodies", Key: "lake/1", CopySource: "bodies/log/1" });
    account.permit(allow("s3:PutObject", `${BUCKET}/lake/*`));
    await expect(account.s3.send(copy)).rejects.toThrow(`s3:GetObject on resource: "${BUCKET}/log/1"`);
    account.permit(allow("s3:PutObject", `${BUCKET}/lake/*`), allow("s3:GetObject", `${BUCKET}/log/*`));
    await account.s3.send(copy);
  });

  test("takes plain HTTP for TLS, so that a bucket that asks for TLS lets it in", async () => {
    account.permit(allow("s3:PutObject", `${BUCKET}/*`));
    const insecure = { Bool: { "aws:SecureTransport": "false" } };
    const old = { NumericLessThan: { "s3:TlsVersion": "1.2" } };
    for (const Condition of [insecure, old])
      account.putPolicy(BUCKET, { ...deny("s3:*", `${BUCKET}/*`), Principal: { AWS: "*" }, Condition });
    const write = (more = {}) =>
      account.s3.send(new PutObjectCommand({ Bucket: "bodies", Key: "a", Body: "a", ...more }));
    await write();
    const unguarded = { Null: { "s3:if-none-match": "true" } };
    account.putPolicy(BUCKET, {
      ...deny("s3:PutObject", `${BUCKET}/*`),
      Principal: "*",
      Condition: unguarded,
    });
    await expect(write()).rejects.toEqual(
      refusal("AccessDenied", 403, "with an explicit deny in a resource-based policy"),
    );
    await expect(write({ IfNoneMatch: "*" })).rejects.toMatchObject({ name: "PreconditionFailed" });
  });
});

test("SQS names the action in small letters, and a queue's own policy is enough", async () => {
  const send = () =>
    account.sqs.send(new SendMessageCommand({ QueueUrl: account.queueUrl, MessageBody: "hi" }));
  await expect(send()).rejects.toEqual(
    refusal(
      "AccessDenied",
      403,
      `sqs:sendmessage on resource: ${QUEUE} because no identity-based policy allows the sqs:sendmessage action`,
    ),
  );
  const statement = { ...allow("sqs:SendMessage", QUEUE), Principal: { AWS: ROLE } };
  account.putPolicy(QUEUE, statement);
  expect((await send()).MessageId).toBeDefined();
});

test("a function invokes another where its role or the other's policy lets it", async () => {
  const invoke = (functionName: string) =>
    fetch(`${account.url}/2015-03-31/functions/${functionName}/invocations`, {
      method: "POST",
      headers: {
        "x-amz-invocation-type": "DryRun",
        authorization: `AWS4-HMAC-SHA256 Credential=${STAGE.accessKeyId}/20260101/us-east-1/lambda/aws4_request`,
        "x-amz-security-token": STAGE.sessionToken ?? "",
      },
    });
  const answer = await invoke("other");
  expect([answer.status, answer.headers.get("x-amzn-errortype"), await answer.json()]).toEqual([
    403,
    "AccessDeniedException",
    expect.objectContaining({ Message: expect.stringContaining(`${SESSION} is not authorized`) }),
  ]);
  account.putPolicy(FUNCTION.replace("stage", "other"), {
    ...allow("lambda:InvokeFunction", "*"),
    Principal: { AWS: ROLE },
  });
  expect((await invoke("other")).status).toBe(204);
  expect((await invoke("stage")).status).toBe(403);
});

describe("who calls", () => {
  const list = (credentials: Parameters<Account["clients"]>[0]) =>
    account.clients(credentials).kinesis.send(new ListStreamsCommand({}));

  test("with a key of his own may do everything", async () => {
    expect((await list({ accessKeyId: "test", secretAccessKey: "test" })).StreamNames).toEqual(["words"]);
  });

  test.each([
    ["without the function's session token", { ...STAGE, sessionToken: "" }],
    ["with another token", { ...STAGE, sessionToken: "other" }],
    ["with a function's key that no function has", { ...STAGE, accessKeyId: "LOCAL0123456789ABCDE" }],
  ])("%s is nobody", async (_, credentials) => {
    account.permit(allow("*", "*"));
    await expect(list(credentials)).rejects.toEqual(
      refusal("UnrecognizedClientException", 400, "The security token included in the request is invalid."),
    );
    await expect(
      account.clients(credentials).s3.send(new ListObjectsV2Command({ Bucket: "bodies" })),
    ).rejects.toEqual(refusal("InvalidAccessKeyId", 403, "does not exist"));
  });

  test("is known by a presigned URL, too", async () => {
    account.s3Model.putObject({ Bucket: "bodies", Key: "log/a", Body: Uint8Array.of(1) });
    const get = (Key: string, token = STAGE.sessionToken ?? "") => {
      const query = new URLSearchParams({
        "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
        "X-Amz-Credential": `${STAGE.accessKeyId}/20260101/us-east-1/s3/aws4_request`,
        "X-Amz-Security-Token": token,
        "X-Amz-Signature": "00",
      });
      return fetch(`${account.url}/bodies/${Key}?${query}`).then(({ status }) => status);
    };
    expect(await get("log/a")).toBe(403);
    account.permit(allow("s3:GetObject", `${BUCKET}/log/*`));
    expect([await get("log/a"), await get("lake/a"), await get("log/a", "another")]).toEqual([200, 403, 403]);
  });

  test("without a signature gets what a resource's policy gives to everybody", async () => {
    const answer = await fetch(account.url, {
      method: "POST",
      headers: { "x-amz-target": "Kinesis_20131202.ListStreams" },
      body: "{}",
    });
    expect([answer.status, await answer.json()]).toEqual([
      400,
      { __type: "MissingAuthenticationTokenException", message: "Missing Authentication Token" },
    ]);
    account.s3Model.putObject({ Bucket: "bodies", Key: "public/a", Body: Uint8Array.of(1) });
    account.putPolicy(BUCKET, { ...allow("s3:GetObject", `${BUCKET}/public/*`), Principal: "*" });
    expect((await fetch(`${account.url}/bodies/public/a`)).status).toBe(200);
    expect((await fetch(`${account.url}/bodies/log/a`)).status).toBe(403);
  });

  test("is nobody once the function is gone, and somebody else once its role is another", async () => {
    account.permit(allow("kinesis:*", "*"));
    await list(STAGE);
    account.lambda.update({ ...account.lambda.configOf("stage"), role: `${ROLE}-2` });
    await expect(list(STAGE)).rejects.toThrow("assumed-role/stage-role-2/stage");
    account.lambda.remove("stage");
    await expect(list(STAGE)).rejects.toMatchObject({ name: "UnrecognizedClientException" });
  });
});

test("refusals are counted by what was refused, and grants know what of them was needed", async () => {
  const told: string[] = [];
  account.iam.onRefusal(({ action, times }) => told.push(`${action} ${times}`));
  account.permit(allow(["kinesis:PutRecords", "kinesis:PutRecord"], STREAM));
  await put();
  await expect(account.kinesis.send(new ListStreamsCommand({}))).rejects.toThrow();
  await expect(account.kinesis.send(new ListStreamsCommand({}))).rejects.toThrow();
  expect(account.iam.refusals()).toEqual([
    expect.objectContaining({ principal: SESSION, action: "kinesis:ListStreams", resource: "*", times: 2 }),
  ]);
  expect(account.iam.refused).toBe(2);
  expect(told).toEqual(["kinesis:ListStreams 1"]);
  expect(account.iam.grants()).toEqual([
    {
      roleName: "stage-role",
      where: "Rights (AWS::IAM::Policy).PolicyDocument.Statement[0]",
      actions: ["kinesis:PutRecords", "kinesis:PutRecord"],
      resources: [STREAM],
      used: ["kinesis:PutRecords"],
    },
  ]);
});
