import type { EpochMs } from "../../../shared/time/time.ts";
import { ServiceError } from "../service-error.ts";

/** How long the token of a next page may be used. */
const LIFETIME_MS = 300_000;

/** A NextToken: what the next page needs to know, and when it was given out. */
export function tokenOf(content: Readonly<Record<string, unknown>>, now: EpochMs): string {
  return Buffer.from(JSON.stringify({ ...content, issuedAt: now })).toString("base64");
}

/** Throws InvalidArgumentException for what is no token, ExpiredNextTokenException after five minutes. */
export function readToken(token: string, now: EpochMs): Readonly<Record<string, unknown>> {
  const content = parsed(token);
  const issuedAt = content?.["issuedAt"];
  if (content === undefined || typeof issuedAt !== "number")
    throw new ServiceError("InvalidArgumentException", "Invalid NextToken.");
  if (now - issuedAt > LIFETIME_MS)
    throw new ServiceError(
      "ExpiredNextTokenException",
      `NextToken expired: it was given out at ${issuedAt} ms.`,
    );
  return content;
}

function parsed(token: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const content: unknown = JSON.parse(Buffer.from(token, "base64").toString());
    return typeof content === "object" && content !== null ? { ...content } : undefined;
  } catch {
    return undefined;
  }
}
