import { AWS_MANAGED_POLICIES } from "./managed-policies.ts";
import { readPolicy, type Statement } from "./policy.ts";
import type { Principal } from "./principal.ts";

export type Role = {
  readonly name: string;
  readonly arn: string;
  /** Who may assume it. */
  readonly trust: readonly Statement[];
  /** Of the policies that are part of it. */
  readonly inline: readonly Statement[];
  /** Policies of the templates or of AWS. */
  readonly managedPolicyArns: readonly string[];
};

/** A policy that names the roles that have it. */
export type Attachment = { readonly statements: readonly Statement[]; readonly roleNames: readonly string[] };

/** Statements that may decide about an action; those that do not cover it are left out. */
export type Candidates = {
  readonly identity: readonly Statement[];
  readonly resource: readonly Statement[];
};

/** The roles and policies of what is deployed. Each is put again where it changes. */
export class PolicyStore {
  readonly #roles = new Map<string, Role>();
  /** AWS::IAM::Policy, by any id. */
  readonly #attached = new Map<string, Attachment>();
  /** AWS::IAM::ManagedPolicy, by ARN. */
  readonly #managed = new Map<string, Attachment>();
  /** By the ARN of a bucket, queue, table or function, then by any id. */
  readonly #ofResources = new Map<string, Map<string, readonly Statement[]>>();
  /** By principal, action and resource's owner of a policy: as many as there are of those, whatever the traffic. */
  readonly #candidates = new Map<string, Candidates>();

  putRole(role: Role): void {
    this.#roles.set(role.arn, role);
    this.#candidates.clear();
  }

  removeRole(arn: string): void {
    this.#roles.delete(arn);
    this.#candidates.clear();
  }

  roleOf(arn: string): Role | undefined {
    return this.#roles.get(arn);
  }

  attach(id: string, attachment: Attachment): void {
    this.#attached.set(id, attachment);
    this.#candidates.clear();
  }

  detach(id: string): void {
    this.#attached.delete(id);
    this.#candidates.clear();
  }

  putManaged(arn: string, attachment: Attachment): void {
    this.#managed.set(arn, attachment);
    this.#candidates.clear();
  }

  removeManaged(arn: string): void {
    this.#managed.delete(arn);
    this.#candidates.clear();
  }

  /** Whether there is a managed policy with this ARN, be it of a template or of AWS. */
  hasManaged(arn: string): boolean {
    return this.#managed.has(arn) || awsManaged(arn) !== undefined;
  }

  putOfResource(resourceArn: string, id: string, statements: readonly Statement[]): void {
    const policies = this.#ofResources.get(resourceArn) ?? new Map<string, readonly Statement[]>();
    this.#ofResources.set(resourceArn, policies.set(id, statements));
    this.#candidates.clear();
  }

  /** From every resource that has it. */
  removeOfResources(id: string): void {
    for (const policies of this.#ofResources.values()) policies.delete(id);
    this.#candidates.clear();
  }

  /** The statements about an action of those that a principal has, and of those that the resource has. */
  candidates(principal: Principal, action: string, resource: string): Candidates {
    const owner = policyOwnerOf(resource);
    // those without a policy are all alike, however many there are
    const policies = this.#ofResources.get(owner);
    const roleArn = principal.kind === "role" ? principal.arn : "";
    const id = `${roleArn} ${action} ${policies === undefined ? "" : owner}`;
    const known = this.#candidates.get(id);
    if (known !== undefined) return known;
    const covering = (statement: Statement) => statement.coversAction(action);
    const ofResource = [...(policies?.values() ?? [])].flat();
    const found = {
      identity: this.statementsOf(roleArn).filter(covering),
      resource: ofResource.filter(covering),
    };
    this.#candidates.set(id, found);
    return found;
  }

  /** All statements of a role's policies; none where there is no such role. */
  statementsOf(roleArn: string): readonly Statement[] {
    const role = this.#roles.get(roleArn);
    if (role === undefined) return [];
    const attached = [...this.#attached.values(), ...this.#managed.values()]
      .filter(({ roleNames }) => roleNames.includes(role.name))
      .flatMap(({ statements }) => statements);
    const managed = role.managedPolicyArns.flatMap(
      (arn) => this.#managed.get(arn)?.statements ?? awsManaged(arn) ?? [],
    );
    return [...new Set([...role.inline, ...attached, ...managed])];
  }

  roles(): readonly Role[] {
    return [...this.#roles.values()];
  }
}

const awsManagedRead = new Map<string, readonly Statement[]>();

function awsManaged(arn: string): readonly Statement[] | undefined {
  const document = AWS_MANAGED_POLICIES.get(arn);
  const read = awsManagedRead.get(arn) ?? (document && readPolicy(document, "identity", arn));
  if (read !== undefined) awsManagedRead.set(arn, read);
  return read;
}

/** The ARN of what may have a policy: an object's bucket, an index's table, a version's function; the resource itself else. */
function policyOwnerOf(resource: string): string {
  if (resource.startsWith("arn:aws:s3:::")) return resource.split("/", 1)[0] ?? resource;
  if (resource.startsWith("arn:aws:dynamodb:")) return resource.split("/index/", 1)[0] ?? resource;
  return resource.startsWith("arn:aws:lambda:") ? resource.split(":").slice(0, 7).join(":") : resource;
}
