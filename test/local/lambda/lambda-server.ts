import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import type { FunctionConfig } from "../../../local/lambda/function-config.ts";
import { handleInvoke } from "../../../local/lambda/invoke-api.ts";
import type { LambdaServiceOptions } from "../../../local/lambda/lambda-options.ts";
import { LambdaService } from "../../../local/lambda/lambda-service.ts";
import { systemClock } from "../../../shared/time/clock.ts";
import { seconds } from "../../../shared/time/time.ts";

export type LambdaServer = { readonly url: string; readonly lambda: LambdaService; close(): Promise<void> };

/** A Lambda service alone behind a server of its own. */
export async function startLambda(options: Partial<LambdaServiceOptions> = {}): Promise<LambdaServer> {
  const handlers: LambdaService[] = [];
  const server = createServer((request, response) => {
    const chunks: Uint8Array[] = [];
    request.on("data", (chunk: Uint8Array) => chunks.push(chunk));
    request.on("end", async () => {
      const body = Buffer.concat(chunks);
      for (const handler of handlers)
        if (handler.handle(request, response, body) || (await handleInvoke(handler, request, response, body)))
          return;
      response.writeHead(404).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const endpoint = `http://127.0.0.1:${port}`;
  const lambda = new LambdaService({ endpoint, region: "us-east-1", clock: systemClock, ...options });
  handlers.push(lambda);
  const close = async () => {
    await lambda.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { url: endpoint, lambda, close };
}

/** A function of test/local/lambda/functions. */
export const functionIn = (folder: string, overrides: Partial<FunctionConfig> = {}): FunctionConfig => ({
  functionName: folder,
  arn: `arn:aws:lambda:us-east-1:000000000000:function:${folder}`,
  handler: "index.handler",
  taskRoot: fileURLToPath(new URL(`./functions/${folder}`, import.meta.url)),
  memoryMb: 256,
  timeout: seconds(30),
  environment: { GREETING: "hello" },
  ...overrides,
});
