import { seconds } from "../../../shared/time/time.ts";
import { deliveryTo } from "../../iam/mapping-rights.ts";
import type { Properties } from "../properties.ts";
import { inPlace, type Request, type ResourceKind, replacement, withoutEffect } from "../resource-kind.ts";
import { requireRights } from "./rights.ts";

/** AWS::Lambda::EventInvokeConfig; its qualifier does not count, there is one version of a function here. */
export const eventInvokeConfig: ResourceKind = {
  create: (request) => {
    configure(request);
    return { ref: request.name, attributes: {} };
  },
  remove: ({ properties, services }) => services.lambda.configureEvents(properties.text("FunctionName")),
  properties: {
    ...replacement("FunctionName"),
    ...inPlace(configure, "DestinationConfig", "MaximumEventAgeInSeconds", "MaximumRetryAttempts"),
    ...withoutEffect("Qualifier"),
  },
};

function configure({ properties, services }: Request): void {
  const config = properties.object("DestinationConfig");
  const onSuccess = destinationOf(config.object("OnSuccess"), ["sqs", "sns", "lambda"]);
  const onFailure = destinationOf(config.object("OnFailure"), ["sqs", "sns", "s3", "lambda"]);
  const functionName = properties.text("FunctionName");
  const destinations = [onSuccess, onFailure].flatMap((arn) => (arn === undefined ? [] : deliveryTo(arn)));
  const { role } = services.lambda.configOf(functionName);
  requireRights(properties, "DestinationConfig", role, destinations, services);
  services.lambda.configureEvents(functionName, {
    maximumEventAge: seconds(properties.between("MaximumEventAgeInSeconds", 60, 21_600, 21_600)),
    maximumRetryAttempts: properties.between("MaximumRetryAttempts", 0, 2, 2),
    ...(onSuccess !== undefined && { onSuccess }),
    ...(onFailure !== undefined && { onFailure }),
  });
}

function destinationOf(properties: Properties, services: readonly string[]): string | undefined {
  const arn = properties.optionalText("Destination");
  if (arn === undefined || services.includes(arn.split(":")[2] ?? "")) return arn;
  return properties.unsupported("Destination", `is ${arn}; only ${services.join(", ")} are modelled here`);
}
