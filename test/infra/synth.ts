import { rmSync } from "node:fs";
import { dirname } from "node:path";
import { App } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { MillraceStack, type MillraceStackProps } from "../../infra/stacks/millrace-stack.ts";
import { samplePlan } from "./sample-plan.ts";
import { stubFunctions } from "./stub-functions.ts";

/** The template of the sample plan. */
export function templateOf(props: Partial<MillraceStackProps> = {}): Template {
  const functions = stubFunctions();
  try {
    const app = new App({ analyticsReporting: false });
    return Template.fromStack(new MillraceStack(app, "Sample", { plan: samplePlan, functions, ...props }));
  } finally {
    rmSync(dirname(functions), { recursive: true });
  }
}

type Resource<T> = { readonly Type: string; readonly Properties: T };

/** The properties of all resources of a type, by logical id. */
export const propertiesOf = <T>(
  template: Template,
  type: string,
): readonly (readonly [id: string, properties: T])[] =>
  Object.entries(template.findResources(type) as Record<string, Resource<T>>).map(
    ([id, { Properties }]) => [id, Properties] as const,
  );

/** What `{ "Ref": id }` and `{ "Fn::GetAtt": [id, …] }` refer to. */
export function target(reference: unknown): string {
  const { Ref, "Fn::GetAtt": attribute } = reference as { Ref?: string; "Fn::GetAtt"?: readonly string[] };
  return Ref ?? attribute?.[0] ?? "";
}
