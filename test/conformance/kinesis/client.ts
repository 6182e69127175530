/** What a service answered: the body of a success without nulls, or the code and HTTP status of a refusal. */
export type Answer = Readonly<Record<string, unknown>>;

/** Calls one operation of a Kinesis over raw HTTP, so that what is compared is the wire. */
export type Kinesis = (operation: string, input: object) => Promise<Answer>;

const HEADERS = {
  "content-type": "application/x-amz-json-1.1",
  "x-amz-date": "20260101T000000Z",
  authorization:
    "AWS4-HMAC-SHA256 Credential=conformance/20260101/us-east-1/kinesis/aws4_request, " +
    `SignedHeaders=host;x-amz-date, Signature=${"0".repeat(64)}`,
};
/** A stand-in that has not answered by then does not. */
const PATIENCE_MS = 20_000;

/** A client of the service at `url`. */
export function kinesisAt(url: string): Kinesis {
  return async (operation, input) => {
    const response = await fetch(url, {
      method: "POST",
      headers: { ...HEADERS, "x-amz-target": `Kinesis_20131202.${operation}` },
      body: JSON.stringify(input),
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    const body = parsed(await response.text());
    if (response.ok) return body;
    return { refused: String(body["__type"] ?? "no code").replace(/^.*#/, ""), status: response.status };
  };
}

function parsed(text: string): Answer {
  try {
    const body: unknown = JSON.parse(text, (_, value: unknown) => value ?? undefined);
    return typeof body === "object" && body !== null ? { ...body } : {};
  } catch {
    return {};
  }
}
