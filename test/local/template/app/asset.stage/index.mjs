import { DynamoDBClient, UpdateItemCommand } from "@aws-sdk/client-dynamodb";

const dynamodb = new DynamoDBClient({});

/** Counts how often it saw each word; tells the time at "clock", throws at "poison", and hangs the first time that it sees "slow". */
export async function handler({ Records }) {
  for (const { kinesis } of Records) {
    const word = Buffer.from(kinesis.data, "base64").toString();
    if (word === "clock") process.stdout.write(`now ${globalThis.Date.now()}\n`);
    if (word === "poison") throw new Error("poison");
    const { Attributes } = await dynamodb.send(
      new UpdateItemCommand({
        TableName: process.env.TABLE,
        Key: { word: { S: word } },
        UpdateExpression: "ADD times :one",
        ExpressionAttributeValues: { ":one": { N: "1" } },
        ReturnValues: "ALL_NEW",
      }),
    );
    process.stdout.write(`seen ${word} ${process.pid}\n`);
    if (word === "slow" && Attributes.times.N === "1") await new Promise(() => setInterval(() => {}, 1_000));
  }
  return { batchItemFailures: [] };
}
