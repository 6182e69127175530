import { arnOf } from "../../models/arn.ts";
import type { ResourceKind } from "../resource-kind.ts";

/** AWS::Logs::LogGroup */
export const logGroup: ResourceKind = ({ properties, name, services: { logs } }) => {
  const logGroupName = properties.optionalText("LogGroupName") ?? name;
  logs.createLogGroup({ logGroupName });
  const retentionInDays = properties.optionalNumber("RetentionInDays");
  if (retentionInDays !== undefined) logs.putRetentionPolicy({ logGroupName, retentionInDays });
  return { ref: logGroupName, attributes: { Arn: `${arnOf("logs", `log-group:${logGroupName}`)}:*` } };
};
