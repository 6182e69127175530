import { existsSync } from "node:fs";
import { seconds } from "../../../shared/time/time.ts";
import { arnOf } from "../../models/arn.ts";
import type { Request, ResourceKind } from "../resource-kind.ts";

/** AWS::Lambda::Function: Node.js from an unpacked asset. */
export const lambdaFunction: ResourceKind = (request) => {
  const { properties, name, services } = request;
  const runtime = properties.text("Runtime");
  if (!runtime.startsWith("nodejs"))
    properties.unsupported("Runtime", `is ${runtime}; only Node.js runs locally`);
  if (properties.list("Layers").length > 0) properties.unsupported("Layers", "are not mounted locally");
  const functionName = properties.optionalText("FunctionName") ?? name;
  const arn = arnOf("lambda", `function:${functionName}`);
  const role = properties.optionalText("Role");
  const reservedConcurrency = properties.optionalNumber("ReservedConcurrentExecutions");
  services.lambda.create({
    functionName,
    arn,
    handler: properties.text("Handler"),
    taskRoot: taskRootOf(request),
    memoryMb: properties.number("MemorySize", 128),
    timeout: seconds(properties.number("Timeout", 3)),
    environment: properties.object("Environment").texts("Variables"),
    ...(role !== undefined && { role }),
    ...(reservedConcurrency !== undefined && { reservedConcurrency }),
  });
  return { ref: functionName, attributes: { Arn: arn } };
};

function taskRootOf({ properties, stack }: Request): string {
  const code = properties.object("Code");
  const key = code.optionalText("S3Key") ?? code.unsupported("S3Key", "is missing; only assets run locally");
  const folder = stack.assetFolders.get(key);
  if (folder === undefined || !existsSync(folder))
    return code.unsupported("S3Key", `is "${key}", which is no asset in the folder of the template`);
  return folder;
}
