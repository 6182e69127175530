import { ServiceError } from "../service-error.ts";
import { invalidParameter } from "./sqs-error.ts";

const MAX_RECEIVES = 1_000;

/** Where a queue's messages go once they were received too often. */
export type Redrive = { readonly targetArn: string; readonly maxReceives: number };

/** Reads a RedrivePolicy, which must have both members and no others. Throws InvalidParameterValue. */
export function redriveOf(policy: string): Redrive {
  const { deadLetterTargetArn, maxReceiveCount, ...others } = objectIn("RedrivePolicy", policy);
  const refuse = (reason: string) => invalidParameter("RedrivePolicy", policy, reason);
  if (Object.keys(others).length > 0)
    throw refuse("Only following attributes are allowed: [deadLetterTargetArn, maxReceiveCount].");
  if (typeof deadLetterTargetArn !== "string" || maxReceiveCount === undefined)
    throw refuse(
      "Redrive policy does not contain mandatory attribute: deadLetterTargetArn, maxReceiveCount.",
    );
  const maxReceives = Number(maxReceiveCount);
  if (!(Number.isInteger(maxReceives) && maxReceives >= 1 && maxReceives <= MAX_RECEIVES))
    throw refuse(`Invalid value for maxReceiveCount: ${maxReceiveCount}, valid values are from 1 to 1000.`);
  return { targetArn: deadLetterTargetArn, maxReceives };
}

/** Throws where a dead-letter queue's RedriveAllowPolicy lets this source not send to it. */
export function checkAllowed(policy: string | undefined, sourceArn: string): void {
  if (policy === undefined) return;
  const { redrivePermission, sourceQueueArns } = objectIn("RedriveAllowPolicy", policy);
  const isNamed = Array.isArray(sourceQueueArns) && sourceQueueArns.includes(sourceArn);
  if (redrivePermission === "denyAll" || (redrivePermission === "byQueue" && !isNamed))
    throw new ServiceError(
      "InvalidParameterValue",
      "The dead-letter queue's RedriveAllowPolicy does not allow this source queue.",
    );
}

function objectIn(name: string, text: string): { readonly [member: string]: unknown } {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value))
      return value as { readonly [member: string]: unknown };
  } catch {
    // refused below, like any other text that holds no object
  }
  throw invalidParameter(name, text, "Redrive policy is not a valid JSON map.");
}
