import { ServiceError } from "../service-error.ts";
import { checkSpan } from "./sqs-error.ts";

const MAX_RESULTS = 1_000;

/** A page of names in their order. A token is given only where a size is asked for; it is the name that came last. */
export function pageOf(
  names: readonly string[],
  {
    MaxResults,
    NextToken,
  }: { readonly MaxResults?: number | undefined; readonly NextToken?: string | undefined },
): { readonly page: readonly string[]; readonly NextToken: string | undefined } {
  checkSpan("MaxResults", MaxResults, 1, MAX_RESULTS);
  const last = NextToken === undefined ? "" : lastIn(NextToken);
  const behind = names.filter((name) => name > last).sort();
  const page = behind.slice(0, MaxResults ?? MAX_RESULTS);
  const end = MaxResults !== undefined && behind.length > page.length ? page.at(-1) : undefined;
  return {
    page,
    NextToken: end === undefined ? undefined : Buffer.from(`after ${end}`).toString("base64url"),
  };
}

function lastIn(token: string): string {
  const text = Buffer.from(token, "base64url").toString();
  if (text.startsWith("after ")) return text.slice("after ".length);
  throw new ServiceError("InvalidParameterValue", "Invalid or expired next token.");
}
