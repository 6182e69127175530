import { invalid, unsupported } from "./policy-error.ts";

/** Whom a statement of a resource's policy is about. */
export type PrincipalPattern =
  | { readonly kind: "everyone" }
  /** An account as a whole: what it may, its own policies say; what it is denied, all in it are denied. */
  | { readonly kind: "account"; readonly id: string }
  /** A role, or a session of one. */
  | { readonly kind: "arn"; readonly arn: string }
  /** An AWS service, as `events.amazonaws.com`. */
  | { readonly kind: "service"; readonly name: string };

const ACCOUNT = /^(?:arn:aws:iam::)?(\d{12})(?::root)?$/;

/** Source: "AWS JSON policy elements: Principal", IAM User Guide. */
export function readPrincipals(principal: unknown, where: string): readonly PrincipalPattern[] {
  if (principal === "*") return [{ kind: "everyone" }];
  if (typeof principal !== "object" || principal === null)
    throw invalid(`${where}.Principal`, "is no object");
  return Object.entries(principal).flatMap(([type, values]) =>
    [values].flat().map((value) => readPrincipal(type, String(value), `${where}.Principal`)),
  );
}

function readPrincipal(type: string, value: string, where: string): PrincipalPattern {
  if (type === "Service") return { kind: "service", name: value };
  if (type !== "AWS") throw unsupported(where, `is of the type ${type}, which is not modelled`);
  if (value === "*") return { kind: "everyone" };
  const [, id] = ACCOUNT.exec(value) ?? [];
  if (id !== undefined) return { kind: "account", id };
  if (!value.startsWith("arn:")) throw invalid(where, `is "${value}"`);
  // IAM takes no wildcard within a principal's ARN
  if (/[*?]/.test(value)) throw invalid(where, `is "${value}": a principal is a whole ARN`);
  return { kind: "arn", arn: value };
}
