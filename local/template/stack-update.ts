/** What an update did to one resource. */
export type ResourceUpdate = {
  readonly stack: string;
  readonly logicalId: string;
  readonly type: string;
  readonly action: "created" | "updated" | "replaced" | "deleted" | "unchanged";
  /** The names of the properties that changed; empty unless it was updated or replaced. */
  readonly properties: readonly string[];
  /** Why what was replaced, or is no part of the stack any more, is still there; undefined where nothing is. */
  readonly kept: string | undefined;
};

type Lists = Readonly<Record<ResourceUpdate["action"], readonly string[]>>;

/** What an update did: the logical ids of the resources to which it did the same, and more about each. */
export type StackUpdate = Lists & {
  /** Stacks first that others import from, each resource after all that it refers to; deleted ones last. */
  readonly resources: readonly ResourceUpdate[];
  /** Outputs of all stacks, by their names in the template. */
  readonly outputs: Readonly<Record<string, string>>;
};

export function stackUpdate(
  resources: readonly ResourceUpdate[],
  outputs: Readonly<Record<string, string>>,
): StackUpdate {
  const those = (action: ResourceUpdate["action"]) =>
    resources.filter((update) => update.action === action).map(({ logicalId }) => logicalId);
  return {
    created: those("created"),
    updated: those("updated"),
    replaced: those("replaced"),
    deleted: those("deleted"),
    unchanged: those("unchanged"),
    resources,
    outputs,
  };
}
