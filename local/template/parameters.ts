import { MillraceError } from "../../shared/errors/millrace-error.ts";
import type { Template } from "./cloud-assembly.ts";

type Parameter = NonNullable<Template["Parameters"]>[string];

/**
 * What Ref of a parameter yields: its default, a list where its type is one. The local cloud is given no values.
 * @throws MillraceError LOCAL_TEMPLATE_INVALID without a default; LOCAL_RESOURCE_UNSUPPORTED for a value that
 *   CloudFormation would read from the Systems Manager parameter store
 *   (https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html)
 */
export function parameterValue(name: string, { Type: type, Default: value }: Parameter): unknown {
  if (type.startsWith("AWS::SSM::Parameter::Value<")) {
    const message = `parameter "${name}" is read from the parameter store (${String(value)}), which is not modelled locally`;
    throw new MillraceError("LOCAL_RESOURCE_UNSUPPORTED", message, { next: "refused" });
  }
  if (value === undefined) {
    const message = `parameter "${name}" has no default, and the local cloud takes no values`;
    throw new MillraceError("LOCAL_TEMPLATE_INVALID", message, { next: "refused" });
  }
  const text = String(value);
  const isList = type === "CommaDelimitedList" || type.startsWith("List<");
  return isList ? text.split(",").map((part) => part.trim()) : text;
}
