import type { IncomingMessage } from "node:http";
import type { FunctionConfig } from "../lambda/function-config.ts";
import { credentialsOf, type FunctionIdentity } from "../lambda/function-credentials.ts";
import { ACCOUNT_ID } from "../models/arn.ts";
import { ServiceError } from "../models/service-error.ts";
import { type Principal, sessionOf } from "./principal.ts";

/** Who sent a request. */
export type Caller =
  /** Somebody with a key of his own: a tool on this machine, which may do everything. */
  | { readonly kind: "administrator" }
  /** A function, or nobody who signed. */
  | { readonly kind: "principal"; readonly principal: Principal }
  /** A key like a function's that no function has, or without the session token that belongs to it. */
  | { readonly kind: "invalid" };

export type CallersOptions = {
  /** The function that has an access key. */
  readonly identityOf: (accessKeyId: string) => FunctionIdentity | undefined;
  /** Throws a ServiceError where there is no such function. */
  readonly configOf: (functionName: string) => FunctionConfig;
};

type Known = {
  readonly functionName: string;
  readonly token: string;
  readonly role: string | undefined;
  readonly caller: Caller;
};

const ADMINISTRATOR: Caller = { kind: "administrator" };
const ANONYMOUS: Caller = { kind: "principal", principal: { kind: "anonymous" } };
const INVALID: Caller = { kind: "invalid" };

/** The access keys that the local Lambda gives to functions. */
const FUNCTION_KEY = /^LOCAL[0-9A-F]{15}$/;

/** Finds out who sent a request, by the access key that signed it. The signature itself is not verified. */
export class Callers {
  readonly #options: CallersOptions;
  /** By access key, which is a function's as long as it has its name. */
  readonly #known = new Map<string, Known>();

  constructor(options: CallersOptions) {
    this.#options = options;
  }

  callerOf(request: Pick<IncomingMessage, "headers" | "url">): Caller {
    const signer = signerOf(request);
    if (signer === undefined) return ANONYMOUS;
    if (!FUNCTION_KEY.test(signer.accessKeyId)) return ADMINISTRATOR;
    const known = this.#functionWith(signer.accessKeyId);
    return known === undefined || known.token !== signer.token ? INVALID : known.caller;
  }

  #functionWith(accessKeyId: string): Known | undefined {
    const before = this.#known.get(accessKeyId);
    const functionName = before?.functionName ?? this.#options.identityOf(accessKeyId)?.functionName;
    const config = functionName === undefined ? undefined : this.#configOf(functionName);
    if (config === undefined) return undefined;
    if (before !== undefined && before.role === config.role) return before;
    const known = knownOf(config);
    this.#known.set(accessKeyId, known);
    return known;
  }

  #configOf(functionName: string): FunctionConfig | undefined {
    try {
      return this.#options.configOf(functionName);
    } catch (error) {
      if (error instanceof ServiceError) return undefined;
      throw error;
    }
  }
}

/** Stands for the role of a function that has none: no policy allows it anything. */
const NO_ROLE = `arn:aws:iam::${ACCOUNT_ID}:role/none`;

const knownOf = ({ functionName, role, arn }: FunctionConfig): Known => ({
  functionName,
  token: credentialsOf(functionName).sessionToken,
  role,
  caller: { kind: "principal", principal: sessionOf(role ?? NO_ROLE, functionName, arn) },
});

type Signer = { readonly accessKeyId: string; readonly token: string | undefined };

/**
 * The access key of Signature Version 4, in the header (`AWS4-HMAC-SHA256 Credential=<key>/<day>/…`) or, of a
 * presigned URL, in the query.
 */
function signerOf({ headers, url = "" }: Pick<IncomingMessage, "headers" | "url">): Signer | undefined {
  const { authorization } = headers;
  if (authorization !== undefined) {
    const [, accessKeyId = ""] = /Credential=([^/,\s]+)/.exec(authorization) ?? [];
    const token = headers["x-amz-security-token"];
    return { accessKeyId, token: Array.isArray(token) ? token[0] : token };
  }
  if (!url.includes("X-Amz-Credential=")) return undefined;
  const query = new URLSearchParams(url.slice(url.indexOf("?")));
  const [accessKeyId = ""] = (query.get("X-Amz-Credential") ?? "").split("/");
  return { accessKeyId, token: query.get("X-Amz-Security-Token") ?? undefined };
}
