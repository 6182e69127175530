import type { IncomingMessage, ServerResponse } from "node:http";

/** Where the outputs of the stacks are asked for. No service of AWS has a path that begins so. */
const PATH = "/_millrace/outputs";

/** Answers a request for the outputs of all stacks, as `cdk deploy --outputs-file` has them of one. */
export function handleOutputs(
  outputs: () => Readonly<Record<string, string>>,
  request: IncomingMessage,
  response: ServerResponse,
): boolean {
  if (request.url !== PATH || request.method !== "GET") return false;
  response.writeHead(200, { "content-type": "application/json" });
  response.end(`${JSON.stringify(outputs(), undefined, 2)}\n`);
  return true;
}
