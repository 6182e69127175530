import { existsSync } from "node:fs";
import { seconds } from "../../../shared/time/time.ts";
import { deliveryTo } from "../../iam/mapping-rights.ts";
import type { FunctionConfig } from "../../lambda/function-config.ts";
import { arnOf } from "../../models/arn.ts";
import type { Properties } from "../properties.ts";
import { inPlace, type Request, type ResourceKind, replacement, withoutEffect } from "../resource-kind.ts";
import { assumableRole, requireRights } from "./rights.ts";

/** AWS::Lambda::Function: Node.js from an unpacked asset. A change rolls: what runs ends as it began. */
export const lambdaFunction: ResourceKind = {
  identity: ["FunctionName"],
  create: (request) => {
    const config = configOf(request, request.properties.optionalText("FunctionName") ?? request.name);
    request.services.lambda.create(config);
    return { ref: config.functionName, attributes: { Arn: config.arn } };
  },
  remove: ({ services }, { ref }) => services.lambda.remove(ref),
  moved: (request, { ref }) => request.services.lambda.relocate(ref, taskRootOf(request)),
  properties: {
    ...replacement("FunctionName", "PackageType", "TenancyConfig"),
    ...inPlace(
      (request, { ref }) => request.services.lambda.update(configOf(request, ref)),
      "Code",
      "DeadLetterConfig",
      "Environment",
      "Handler",
      "Layers",
      "LoggingConfig",
      "MemorySize",
      "ReservedConcurrentExecutions",
      "Role",
      "Runtime",
      "Timeout",
    ),
    ...withoutEffect(
      "Architectures",
      "CapacityProviderConfig",
      "CodeSigningConfigArn",
      "Description",
      "DurableConfig",
      "EphemeralStorage",
      "FileSystemConfigs",
      "FunctionScalingConfig",
      "ImageConfig",
      "KmsKeyArn",
      "PublishToLatestPublished",
      "RecursiveLoop",
      "RuntimeManagementConfig",
      "SnapStart",
      "Tags",
      "TracingConfig",
      "VpcConfig",
    ),
  },
};

function configOf(request: Request, functionName: string): FunctionConfig {
  const { properties, services } = request;
  const runtime = properties.text("Runtime");
  if (!runtime.startsWith("nodejs"))
    properties.unsupported("Runtime", `is ${runtime}; only Node.js runs locally`);
  if (properties.list("Layers").length > 0) properties.unsupported("Layers", "are not mounted locally");
  const arn = arnOf("lambda", `function:${functionName}`);
  const taskRoot = taskRootOf(request);
  const role = assumableRole(properties, "Role", "lambda.amazonaws.com", arn, services);
  const deadLetterArn = deadLetterArnOf(properties);
  if (deadLetterArn !== undefined)
    requireRights(properties, "DeadLetterConfig", role, deliveryTo(deadLetterArn), services);
  const logGroup = properties.object("LoggingConfig").optionalText("LogGroup");
  return {
    functionName,
    arn,
    handler: properties.text("Handler"),
    taskRoot,
    memoryMb: properties.between("MemorySize", 128, 10_240, 128),
    timeout: seconds(properties.between("Timeout", 1, 900, 3)),
    environment: properties.object("Environment").texts("Variables"),
    role,
    ...(deadLetterArn !== undefined && { deadLetterArn }),
    ...(logGroup !== undefined && { logGroup }),
    ...(properties.has("ReservedConcurrentExecutions") && {
      reservedConcurrency: properties.between("ReservedConcurrentExecutions", 0, 1_000, 0),
    }),
  };
}

function deadLetterArnOf(properties: Properties): string | undefined {
  const config = properties.object("DeadLetterConfig");
  const arn = config.optionalText("TargetArn");
  if (arn === undefined || arn.startsWith("arn:aws:sqs:") || arn.startsWith("arn:aws:sns:")) return arn;
  return config.unsupported("TargetArn", `is ${arn}, which is neither a queue nor a topic`);
}

function taskRootOf({ properties, stack }: Request): string {
  const code = properties.object("Code");
  const key = code.optionalText("S3Key") ?? code.unsupported("S3Key", "is missing; only assets run locally");
  const folder = stack.assetFolders.get(key);
  if (folder === undefined || !existsSync(folder))
    return code.unsupported("S3Key", `is "${key}", which is no asset in the folder of the template`);
  return folder;
}
