import type { IncomingMessage, ServerResponse } from "node:http";
import { xmlDocument } from "./xml.ts";

/** What S3 answers for: its own calls, and those of an API that nothing here has. */
const LEFT_TO_S3: ReadonlySet<string> = new Set(["s3", "execute-api"]);

export const SPOKEN: string =
  "it speaks for Kinesis, DynamoDB, S3, SQS, CloudWatch, its logs, Lambda's Invoke and the template's APIs; " +
  "AWS_ENDPOINT_URL_<SERVICE> sends another service's calls elsewhere, to LocalStack for example";

/**
 * Refuses a request that was signed for a service that is not here, in the form that its clients read: taken for one
 * of S3's it would fail for a reason that says nothing. False, and no answer, where it is for one that is here.
 */
export function refuseOtherService(request: IncomingMessage, response: ServerResponse): boolean {
  const service = signedFor(request.headers.authorization);
  if (service === undefined || LEFT_TO_S3.has(service)) return false;
  const [path] = (request.url ?? "/").split("?");
  const Message = `the local cloud does not know ${request.method} ${path} of "${service}": ${SPOKEN}`;
  const isQuery = request.headers["content-type"]?.startsWith("application/x-www-form-urlencoded") === true;
  response.writeHead(501, {
    "content-type": isQuery ? "text/xml" : "application/json",
    "x-amzn-errortype": CODE,
  });
  response.end(isQuery ? queryError(service, Message) : JSON.stringify({ __type: CODE, message: Message }));
  return true;
}

const CODE = "NotImplemented";

/** EC2 has a form of its own. */
function queryError(service: string, Message: string): string {
  const error = { Code: CODE, Message };
  return service === "ec2"
    ? xmlDocument("Response", { Errors: { Error: error } }, true)
    : xmlDocument("ErrorResponse", { Error: error }, true);
}

/** The service in the scope of a Signature Version 4: `Credential=<key>/<day>/<region>/<service>/aws4_request`. */
const signedFor = (authorization: string | undefined): string | undefined =>
  /Credential=[^/,\s]+\/\d+\/[^/,\s]+\/([\w-]+)\/aws4_request/.exec(authorization ?? "")?.[1];
