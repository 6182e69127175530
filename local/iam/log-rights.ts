import type { LogLine } from "../lambda/function-logs.ts";
import type { LambdaService } from "../lambda/lambda-service.ts";
import type { LogsModel } from "../models/logs/logs-model.ts";
import { loggingOf } from "./calls/logs-calls.ts";
import type { Iam } from "./iam.ts";
import { sessionOf } from "./principal.ts";

/**
 * Whether a line of a function reaches its log group: Lambda writes it in the name of the function's role, and where
 * the role may not, it is lost, with the metrics in it.
 */
export const logRights =
  (iam: Iam, lambda: Pick<LambdaService, "functionNames" | "configOf">, logs: LogsModel) =>
  ({ functionName, logStream }: LogLine): boolean => {
    // one that was removed finishes what it was given
    if (!iam.enforced || !lambda.functionNames().includes(functionName)) return true;
    const { role = "none", logGroup = `/aws/lambda/${functionName}` } = lambda.configOf(functionName);
    const asks = loggingOf(logGroup, logStream, logs.hasLogGroup(logGroup));
    return iam.refusalOf(sessionOf(role, functionName), asks) === undefined;
  };
