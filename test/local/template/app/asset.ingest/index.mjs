import { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { KinesisClient, PutRecordCommand } from "@aws-sdk/client-kinesis";
import { NodeHttpHandler } from "@smithy/node-http-handler";

// the SDK's Kinesis client speaks HTTP/2 unless told otherwise
const kinesis = new KinesisClient({ requestHandler: new NodeHttpHandler() });
const dynamodb = new DynamoDBClient({});

/** Puts the path's word into the stream; notes a scheduled tick in the table. */
export async function handler(event) {
  if (event.source === "aws.events") {
    const Item = { word: { S: "tick" } };
    await dynamodb.send(new PutItemCommand({ TableName: process.env.TABLE, Item }));
    process.stdout.write("ticked\n");
    return undefined;
  }
  const word = event.pathParameters.word;
  const Data = new TextEncoder().encode(word);
  await kinesis.send(new PutRecordCommand({ StreamName: process.env.STREAM, PartitionKey: word, Data }));
  return { statusCode: 202, headers: { "x-words": "1" }, body: JSON.stringify({ accepted: word }) };
}
