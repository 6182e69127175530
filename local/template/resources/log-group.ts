import { arnOf } from "../../models/arn.ts";
import { inPlace, type Request, type ResourceKind, replacement, withoutEffect } from "../resource-kind.ts";

function retain({ properties, services: { logs } }: Request, logGroupName: string): void {
  const retentionInDays = properties.optionalNumber("RetentionInDays");
  if (retentionInDays === undefined) logs.deleteRetentionPolicy({ logGroupName });
  else logs.putRetentionPolicy({ logGroupName, retentionInDays });
}

/** AWS::Logs::LogGroup */
export const logGroup: ResourceKind = {
  identity: ["LogGroupName"],
  create: (request) => {
    const logGroupName = request.properties.optionalText("LogGroupName") ?? request.name;
    request.services.logs.createLogGroup({ logGroupName });
    retain(request, logGroupName);
    return { ref: logGroupName, attributes: { Arn: `${arnOf("logs", `log-group:${logGroupName}`)}:*` } };
  },
  remove: ({ services }, { ref }) => services.logs.deleteLogGroup({ logGroupName: ref }),
  properties: {
    ...replacement("LogGroupName"),
    ...inPlace((request, { ref }) => retain(request, ref), "RetentionInDays"),
    ...withoutEffect(
      "BearerTokenAuthenticationEnabled",
      "DataProtectionPolicy",
      "DeletionProtectionEnabled",
      "FieldIndexPolicies",
      "KmsKeyId",
      "LogGroupClass",
      "ResourcePolicyDocument",
      "Tags",
    ),
  },
};
