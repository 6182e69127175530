import { createHash } from "node:crypto";
import { ACCOUNT_ID, nameInArn } from "../models/arn.ts";

/** Who asks. */
export type Principal =
  /** A session of a role. */
  | {
      readonly kind: "role";
      /** The role's ARN. */
      readonly arn: string;
      readonly roleId: string;
      /** The session's ARN, as `arn:aws:sts::000000000000:assumed-role/<role>/<session>`. */
      readonly session: string;
      readonly sessionName: string;
      /** The function whose process calls; undefined where a service has assumed the role. */
      readonly functionArn?: string;
    }
  /** An AWS service in its own name, as `apigateway.amazonaws.com`. */
  | { readonly kind: "service"; readonly name: string }
  /** A request without a signature. */
  | { readonly kind: "anonymous" };

/** A session of a role: of a function's processes it has the function's name. */
export function sessionOf(roleArn: string, sessionName: string, functionArn?: string): Principal {
  return {
    kind: "role",
    arn: roleArn,
    roleId: roleIdOf(roleArn),
    session: `arn:aws:sts::${ACCOUNT_ID}:assumed-role/${nameInArn(roleArn)}/${sessionName}`,
    sessionName,
    ...(functionArn !== undefined && { functionArn }),
  };
}

/** As AWS's: AROA and 17 letters and digits; the same for the same role each time. */
export const roleIdOf = (roleArn: string): string =>
  `AROA${createHash("sha256").update(roleArn).digest("hex").slice(0, 17).toUpperCase()}`;

/** How messages name it. */
export function nameOf(principal: Principal): string {
  if (principal.kind === "role") return principal.session;
  return principal.kind === "service" ? principal.name : "anonymous";
}
