import { createHash } from "node:crypto";

/** Temporary credentials of a function's role, as its environments find them in their variables. */
export type FunctionCredentials = {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
};

/** Who a signed request comes from. */
export type FunctionIdentity = {
  readonly functionName: string;
  /** The ARN of the function's execution role; undefined where the template gives none. */
  readonly role: string | undefined;
  readonly credentials: FunctionCredentials;
};

const ACCESS_KEY_PREFIX = "LOCAL";

/**
 * The credentials of all environments of a function, derived from its name, so that they are the same in each run:
 * the access key is `LOCAL` and 15 hexadecimal digits (20 characters, as AWS's are), secret and token are hashes.
 * They guard nothing: they tell functions apart.
 */
export function credentialsOf(functionName: string): FunctionCredentials {
  const hash = (purpose: string) => createHash("sha256").update(`${purpose}/${functionName}`);
  return {
    accessKeyId: ACCESS_KEY_PREFIX + hash("access-key").digest("hex").slice(0, 15).toUpperCase(),
    secretAccessKey: hash("secret-key").digest("base64url").slice(0, 40),
    sessionToken: hash("session-token").digest("base64url"),
  };
}
