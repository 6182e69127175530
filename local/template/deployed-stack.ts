import type { Request } from "./resource-kind.ts";
import type { Referable, StackOutputs } from "./stack-scope.ts";

/** A resource of a deployed stack. */
export type DeployedResource = Referable & {
  readonly logicalId: string;
  readonly type: string;
  /** Why it does nothing here; undefined where it does something. */
  readonly noEffect: string | undefined;
};

/** A resource with what it was made, or last changed, from. */
export type StackResource = DeployedResource & {
  readonly request: Request;
  /** Its properties, resolved. */
  readonly values: Readonly<Record<string, unknown>>;
  readonly deletionPolicy: string;
  readonly updateReplacePolicy: string;
};

/** How messages name a resource. */
export const nameOf = ({ logicalId, type }: Pick<DeployedResource, "logicalId" | "type">): string =>
  `${logicalId} (${type})`;

/** A stack as it is deployed. */
export type DeployedStack = StackOutputs & {
  readonly name: string;
  /** By logical id, each after all that it refers to or depends on. */
  readonly resources: ReadonlyMap<string, StackResource>;
  /** Names of the exports of other stacks that it uses. */
  readonly imports: ReadonlySet<string>;
};
