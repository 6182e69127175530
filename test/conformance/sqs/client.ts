/** What a service answered: the body of a success, or the code and HTTP status of a refusal. */
export type Answer = Readonly<Record<string, unknown>>;

/** Calls one operation of an SQS over raw HTTP, so that what is compared is the wire. */
export type Sqs = (operation: string, input: object) => Promise<Answer>;

const HEADERS = {
  "content-type": "application/x-amz-json-1.0",
  "x-amz-date": "20260101T000000Z",
  authorization:
    "AWS4-HMAC-SHA256 Credential=conformance/20260101/us-east-1/sqs/aws4_request, " +
    `SignedHeaders=host;x-amz-date, Signature=${"0".repeat(64)}`,
};
/** Longer than any poll of a case. */
const PATIENCE_MS = 30_000;

/** A client of the service at `url`. */
export function sqsAt(url: string): Sqs {
  return async (operation, input) => {
    const response = await fetch(url, {
      method: "POST",
      headers: { ...HEADERS, "x-amz-target": `AmazonSQS.${operation}` },
      body: JSON.stringify(input),
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    const body = parsed(await response.text());
    if (response.ok) return body;
    const [query] = (response.headers.get("x-amzn-query-error") ?? "").split(";");
    return { refused: String(body["__type"]).replace(/^.*#/, ""), status: response.status, query };
  };
}

function parsed(text: string): Answer {
  const body: unknown = text === "" ? {} : JSON.parse(text);
  return typeof body === "object" && body !== null ? { ...body } : {};
}
