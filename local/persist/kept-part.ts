import type { Stack, TemplateResource } from "../template/cloud-assembly.ts";
import { namesIn } from "../template/resource-order.ts";

/** Types of resources that hold data. */
const HOLDING = new Set([
  "AWS::Kinesis::Stream",
  "AWS::Kinesis::StreamConsumer",
  "AWS::DynamoDB::Table",
  "AWS::DynamoDB::GlobalTable",
  "AWS::S3::Bucket",
  "AWS::SQS::Queue",
]);

/** The part of a stack that is kept over a restart: what holds data, with all that its properties refer to. */
export function keptPart({ name, template }: Stack): Omit<Stack, "assetFolders"> {
  const { Resources, Outputs = {} } = template;
  const kept = new Set(Object.keys(Resources).filter((id) => HOLDING.has(Resources[id]?.Type ?? "")));
  // a set gives what is added while it is walked, too
  for (const id of kept)
    for (const needed of neededBy(Resources[id])) if (needed in Resources) kept.add(needed);
  const isKept = (value: unknown): boolean =>
    [...namesIn(value)].every((needed) => !(needed in Resources) || kept.has(needed));
  return {
    name,
    template: {
      ...template,
      Resources: Object.fromEntries(Object.entries(Resources).filter(([id]) => kept.has(id))),
      Outputs: Object.fromEntries(Object.entries(Outputs).filter(([, { Value }]) => isKept(Value))),
    },
  };
}

const neededBy = ({ Properties, DependsOn = [] }: Partial<TemplateResource> = {}): readonly string[] => [
  ...namesIn(Properties),
  ...[DependsOn].flat(),
];
