import { createHash } from "node:crypto";
import { S3Client } from "@aws-sdk/client-s3";

/** How a request leaves, where it is not as the SDK makes it; it is signed after that. */
export type Change = {
  /** Headers in lower case that are left out. */
  readonly drop?: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
  /** Takes the place of the body. */
  readonly body?: string;
  /** With the Content-MD5 of that body in place of the SDK's checksum. */
  readonly withMd5?: boolean;
};

type Middleware = Parameters<S3Client["middlewareStack"]["addRelativeTo"]>[0];
type HandlerArgs = { readonly request: HttpRequest };
type Handler = (args: HandlerArgs) => Promise<unknown>;
type HttpRequest = { headers: Record<string, string>; body: unknown };

/** Makes calls whose requests are changed on their way. */
export async function changed<T>(
  s3: S3Client,
  change: Change,
  run: (client: S3Client) => Promise<T>,
): Promise<T> {
  const { endpoint, region, credentials } = s3.config;
  if (endpoint === undefined) throw new Error("a client without an endpoint");
  const client = new S3Client({ endpoint, region, credentials, forcePathStyle: true, maxAttempts: 1 });
  const middleware = (next: Handler) => (args: HandlerArgs) => {
    apply(change, args.request);
    return next(args);
  };
  client.middlewareStack.addRelativeTo(middleware as unknown as Middleware, {
    name: "conformanceChange",
    // the last step before the signature
    relation: "before",
    toMiddleware: "httpSigningMiddleware",
  });
  try {
    return await run(client);
  } finally {
    client.destroy();
  }
}

function apply({ drop = [], headers = {}, body, withMd5 = false }: Change, request: HttpRequest): void {
  if (body !== undefined) {
    request.body = body;
    request.headers["content-length"] = String(Buffer.byteLength(body));
  }
  if (withMd5 && body !== undefined)
    request.headers["content-md5"] = createHash("md5").update(body).digest("base64");
  const dropped = withMd5 ? [...drop, "x-amz-checksum-crc32", "x-amz-sdk-checksum-algorithm"] : drop;
  for (const name of Object.keys(request.headers))
    if (dropped.includes(name.toLowerCase())) delete request.headers[name];
  Object.assign(request.headers, headers);
}
