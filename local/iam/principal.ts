/** Who asks. */
export type Principal =
  /** A session of a role. */
  | {
      readonly kind: "role";
      /** The role's ARN. */
      readonly arn: string;
      readonly roleName: string;
      /** The session's ARN, as `arn:aws:sts::000000000000:assumed-role/<role>/<function>`. */
      readonly session: string;
      readonly sessionName: string;
      /** The function whose process calls; undefined where a service has assumed the role. */
      readonly functionArn?: string;
    }
  /** An AWS service in its own name, as `apigateway.amazonaws.com`. */
  | { readonly kind: "service"; readonly name: string }
  /** A request without a signature. */
  | { readonly kind: "anonymous" };

/** How messages name it. */
export function nameOf(principal: Principal): string {
  if (principal.kind === "role") return principal.session;
  return principal.kind === "service" ? principal.name : "anonymous";
}
