import { Agent, request } from "node:http";

/** Calls of the AWS JSON protocol on connections that stay open; the same, unsigned, for every server. */
export class AwsJson {
  readonly #agent: Agent;
  readonly #url: string;

  constructor(url: string, connections: number) {
    this.#url = url;
    this.#agent = new Agent({ keepAlive: true, maxSockets: connections });
  }

  /** @throws Error with the answer's text, where its status is not 200 */
  call(target: string, input: object): Promise<Record<string, unknown>> {
    const body = JSON.stringify(input);
    const { promise, resolve, reject } = Promise.withResolvers<Record<string, unknown>>();
    const call = request(this.#url, {
      agent: this.#agent,
      method: "POST",
      headers: {
        "content-type": target.startsWith("Dynamo")
          ? "application/x-amz-json-1.0"
          : "application/x-amz-json-1.1",
        "content-length": Buffer.byteLength(body),
        "x-amz-target": target,
        "x-amz-date": "20260101T000000Z",
        authorization: AUTHORIZATION,
      },
    });
    call.once("error", reject);
    call.once("response", (response) => {
      const parts: Buffer[] = [];
      response.on("data", (part: Buffer) => parts.push(part));
      response.once("error", reject);
      response.once("end", () => {
        const text = Buffer.concat(parts).toString();
        if (response.statusCode === 200) resolve(text === "" ? {} : JSON.parse(text));
        else reject(new Error(`${target}: ${response.statusCode} ${text}`));
      });
    });
    call.end(body);
    return promise;
  }

  close(): void {
    this.#agent.destroy();
  }
}

/** Nobody here checks a signature; kinesalite and dynalite want to see the form of one. */
const AUTHORIZATION =
  "AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/kinesis/aws4_request, SignedHeaders=host, Signature=0";

/** Starts no further call after this: the slowest server would need a quarter of an hour. */
const LONGEST_SECONDS = 40;

/** Runs `count` calls, or as many as there is time for, `atOnce` at a time. */
export async function timed(
  count: number,
  atOnce: number,
  call: (nth: number) => Promise<unknown>,
): Promise<{ readonly calls: number; readonly seconds: number }> {
  let calls = 0;
  const startedAt = performance.now();
  const seconds = (): number => (performance.now() - startedAt) / 1_000;
  const worker = async (): Promise<void> => {
    while (calls < count && seconds() < LONGEST_SECONDS) await call(calls++);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return { calls, seconds: seconds() };
}
