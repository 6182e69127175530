import type { Clock } from "../../shared/time/clock.ts";
import type { Keys } from "./condition-keys.ts";
import { type AccessRequest, type Decision, decide } from "./decide.ts";
import { globalKeys, sourceKeys } from "./global-keys.ts";
import { type PolicyKind, readPolicy, type Statement } from "./policy.ts";
import { PolicyStore } from "./policy-store.ts";
import { nameOf, type Principal, sessionOf } from "./principal.ts";
import { type Refusal, Refusals } from "./refusals.ts";

export type IamOptions = {
  readonly clock: Clock;
  /** With `off`, policies are not even read, and everybody may do everything. @default "enforced" */
  readonly mode?: "enforced" | "off";
};

/** One action on one resource: what an operation asks of whom calls it. */
export type Ask = {
  /** As `kinesis:PutRecords`, in the letters of the Service Authorization Reference. */
  readonly action: string;
  /** An ARN; `*` for an action on no resource in particular. */
  readonly resource: string;
  /** Condition keys of the request itself. @default none */
  readonly keys?: Keys;
};

/** A statement that allows something, and which of its actions have been needed so far. */
export type Grant = {
  readonly roleName: string;
  /** Its place in the template. */
  readonly where: string;
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  /** Actions of calls that it allowed. */
  readonly used: readonly string[];
};

/** What was refused, and how IAM says it. */
export type Refused = { readonly ask: Ask; readonly message: string };

type Listener = (request: AccessRequest, decision: Decision) => void;
type RefusalListener = (refusal: Refusal) => void;

const NO_KEYS: Keys = () => undefined;

/** Rights: who may do what, by the templates' policies. Signatures are not verified; who signed is believed. */
export class Iam {
  readonly policies: PolicyStore = new PolicyStore();
  readonly #clock: Clock;
  readonly #mode: "enforced" | "off";
  readonly #refusals: Refusals;
  readonly #used = new WeakMap<Statement, Set<string>>();
  readonly #listeners = new Set<Listener>();
  readonly #onRefusal = new Set<RefusalListener>();

  constructor({ clock, mode = "enforced" }: IamOptions) {
    this.#clock = clock;
    this.#mode = mode;
    this.#refusals = new Refusals(clock);
  }

  get enforced(): boolean {
    return this.#mode === "enforced";
  }

  /**
   * Reads a policy document of a template; nothing where rights are not enforced.
   * @param where - its place in the template, by logical id
   * @throws MillraceError LOCAL_TEMPLATE_INVALID, LOCAL_RESOURCE_UNSUPPORTED
   */
  readPolicy(document: unknown, kind: PolicyKind, where: string): readonly Statement[] {
    return this.enforced ? readPolicy(document, kind, where) : [];
  }

  /**
   * The refusal of the first of the asks that the principal may not do; undefined where it may do all. What it needed
   * and what it was refused is noted.
   * @param context - condition keys of the caller's connection
   */
  refusalOf(principal: Principal, asks: readonly Ask[], context: Keys = NO_KEYS): Refused | undefined {
    if (!this.enforced) return undefined;
    for (const ask of asks) {
      const { request, decision } = this.#decide(principal, ask, context);
      for (const listener of this.#listeners) listener(request, decision);
      if (decision.allowed) this.#noteUse(decision.by, ask.action);
      else {
        const message = messageOf(request, decision);
        const refusal = this.#refusals.add({ ...request, principal: nameOf(principal), message });
        if (refusal.times === 1) for (const listener of this.#onRefusal) listener(refusal);
        return { ask, message };
      }
    }
    return undefined;
  }

  /**
   * Whether a service may assume a role, by the role's trust policy. False for a role that is not there.
   * @param sourceArn - the resource for which it is to
   */
  mayAssume(service: string, roleArn: string, sourceArn: string): boolean {
    if (!this.enforced) return true;
    const principal: Principal = { kind: "service", name: service };
    const trust = this.policies.roleOf(roleArn)?.trust ?? [];
    const request = { principal, action: "sts:AssumeRole", resource: roleArn };
    const keys = this.#keysOf(principal, sourceKeys(sourceArn), NO_KEYS);
    return decide({ ...request, keys }, [], trust).allowed;
  }

  /**
   * Whether a service may invoke a function for one of the templates' resources: by the function's policy, or as a role
   * that it is given. A refusal is noted.
   */
  mayInvoke(service: string, functionArn: string, sourceArn: string, roleArn?: string): boolean {
    const ask = { action: "lambda:InvokeFunction", resource: functionArn };
    // who acts as a role is not seen to act for a resource
    if (roleArn !== undefined) return this.refusalOf(sessionOf(roleArn, service), [ask]) === undefined;
    const principal: Principal = { kind: "service", name: service };
    return this.refusalOf(principal, [{ ...ask, keys: sourceKeys(sourceArn) }]) === undefined;
  }

  /** What was refused, the newest last. */
  refusals(): readonly Refusal[] {
    return this.#refusals.list();
  }

  /** Calls that were refused. */
  get refused(): number {
    return this.#refusals.total;
  }

  /** What the roles are allowed, and what of it has been needed so far. */
  grants(): readonly Grant[] {
    return this.policies.roles().flatMap(({ arn, name }) =>
      this.policies
        .statementsOf(arn)
        .filter(({ effect }) => effect === "Allow")
        .map((statement) => ({
          roleName: name,
          where: statement.where,
          actions: statement.actions,
          resources: statement.resources,
          used: [...(this.#used.get(statement) ?? [])].sort(),
        })),
    );
  }

  /** Calls `listener` with each refusal of another kind, the first time; the answer takes it off again. */
  onRefusal(listener: RefusalListener): () => void {
    this.#onRefusal.add(listener);
    return () => this.#onRefusal.delete(listener);
  }

  /** Calls `listener` with each decision from now on; the answer takes it off again. */
  onDecision(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #decide(
    principal: Principal,
    { action, resource, keys }: Ask,
    context: Keys,
  ): { readonly request: AccessRequest; readonly decision: Decision } {
    const { identity, resource: ofResource } = this.policies.candidates(principal, action, resource);
    const request = { principal, action, resource, keys: this.#keysOf(principal, keys, context) };
    return { request, decision: decide(request, identity, ofResource) };
  }

  #noteUse(statement: Statement, action: string): void {
    const used = this.#used.get(statement);
    if (used === undefined) this.#used.set(statement, new Set([action]));
    else used.add(action);
  }

  /** Condition keys of a request: its own, then its connection's, then those that every request has. */
  #keysOf(principal: Principal, own: Keys | undefined, context: Keys): Keys {
    const global = globalKeys(principal, this.#clock);
    return (key) => own?.(key) ?? context(key) ?? global(key);
  }
}

/** Source: "Troubleshoot access denied error messages", IAM User Guide. */
function messageOf(
  { principal, action, resource }: AccessRequest,
  decision: Extract<Decision, { readonly allowed: false }>,
): string {
  const asked = `User: ${nameOf(principal)} is not authorized to perform: ${action} on resource: ${resource}`;
  const { policy, by } = decision;
  if (by === undefined) return `${asked} because no ${policy} policy allows the ${action} action`;
  return `${asked} with an explicit deny in ${policy === "identity-based" ? "an" : "a"} ${policy} policy`;
}
