import type { Stack, Template, TemplateResource } from "../../../local/template/cloud-assembly.ts";
import { CloudFormation } from "../../../local/template/cloudformation.ts";
import type { Services } from "../../../local/template/resource-kind.ts";
import type { ResourceUpdate, StackUpdate } from "../../../local/template/stack-update.ts";
import { services } from "./services.ts";

export type Resources = Template["Resources"];

export const stackOf = (Resources: Resources, more: Partial<Template> = {}, name = "App"): Stack => ({
  name,
  template: { Resources, ...more },
  assetFolders: new Map(),
});

/** Services with the stack "App" in them, to be updated. */
export type Formation = {
  readonly formation: CloudFormation;
  readonly into: Services;
  update(resources: Resources, more?: Partial<Template>): Promise<StackUpdate>;
  /** What Ref of a resource yields now. */
  ref(logicalId: string): string;
};

export async function deployed(resources: Resources, more: Partial<Template> = {}): Promise<Formation> {
  const into = services();
  const formation = new CloudFormation(into);
  await formation.update([stackOf(resources, more)]);
  return {
    formation,
    into,
    update: (changed, others = {}) => formation.update([stackOf(changed, others)]),
    ref: (logicalId) => formation.resources.find((one) => one.logicalId === logicalId)?.ref ?? "",
  };
}

/** The same resource with some properties changed; undefined takes one away. */
export const withProperties = (
  resource: TemplateResource | undefined,
  changed: Readonly<Record<string, unknown>>,
): TemplateResource => {
  if (resource === undefined) throw new Error("the template has no such resource");
  const all = Object.entries({ ...resource.Properties, ...changed });
  return { ...resource, Properties: Object.fromEntries(all.filter(([, value]) => value !== undefined)) };
};

/** What was done to a resource. */
export const doneTo = (update: StackUpdate, logicalId: string): ResourceUpdate | undefined =>
  update.resources.find((one) => one.logicalId === logicalId);
