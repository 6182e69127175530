/** What a service answered: the body of a success, or `refused` and all that an error's body says. */
export type Answer = Readonly<Record<string, unknown>>;

/** Calls one operation of a DynamoDB over raw HTTP, so that what is compared is the wire. */
export type DynamoDb = (operation: string, input: object) => Promise<Answer>;

const HEADERS = {
  "content-type": "application/x-amz-json-1.0",
  "x-amz-date": "20260101T000000Z",
  authorization:
    "AWS4-HMAC-SHA256 Credential=conformance/20260101/us-east-1/dynamodb/aws4_request, " +
    `SignedHeaders=host;x-amz-date, Signature=${"0".repeat(64)}`,
};

/** A client of the service at `url`. */
export function dynamoDbAt(url: string): DynamoDb {
  return async (operation, input) => {
    const response = await fetch(url, {
      method: "POST",
      headers: { ...HEADERS, "x-amz-target": `DynamoDB_20120810.${operation}` },
      body: JSON.stringify(input),
    });
    const text = await response.text();
    const body: unknown = text === "" ? {} : JSON.parse(text);
    if (typeof body !== "object" || body === null) throw new Error(`${operation} answered ${text}`);
    return response.ok ? { ...body } : refusal(response.status, { ...body });
  };
}

/** An error's body with its code alone and without its namespace. */
function refusal(status: number, body: Record<string, unknown>): Answer {
  const { __type, message, Message, ...detail } = body;
  // AWS puts this before messages that it did not begin with it before, one region after another.
  const said = String(message ?? Message ?? "").replace(/^1 validation error detected: (?!Value )/, "");
  return { refused: String(__type).replace(/^.*#/, ""), status, message: said, ...detail };
}
