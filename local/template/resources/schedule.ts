import { arnOf } from "../../models/arn.ts";
import { parseRate, ScheduleSource } from "../../sources/schedule-source.ts";
import type { Properties } from "../properties.ts";
import type { Request, Resource, ResourceKind } from "../resource-kind.ts";

/** AWS::Events::Rule with a schedule and Lambda targets. */
export const eventsRule: ResourceKind = (request) => {
  const { properties } = request;
  if (properties.has("EventPattern"))
    properties.unsupported("EventPattern", "is not modelled: there is no event bus");
  return schedule(request, "aws.events", properties.objects("Targets"));
};

/** AWS::Scheduler::Schedule with a Lambda target. */
export const schedulerSchedule: ResourceKind = (request) =>
  schedule(request, "aws.scheduler", [request.properties.object("Target")]);

function schedule(
  { properties, name, services }: Request,
  source: "aws.events" | "aws.scheduler",
  targets: readonly Properties[],
): Resource {
  const scheduleName = properties.optionalText("Name") ?? name;
  const arn =
    source === "aws.events"
      ? arnOf("events", `rule/${scheduleName}`)
      : arnOf("scheduler", `schedule/default/${scheduleName}`);
  const expression = properties.text("ScheduleExpression");
  const every = services.scheduleEvery ?? parseRate(expression);
  if (every === undefined)
    return properties.unsupported("ScheduleExpression", `is ${expression}; only rate(…) is followed locally`);
  for (const target of targets) {
    const functionArn = target.text("Arn");
    if (!functionArn.includes(":lambda:")) target.unsupported("Arn", "is no Lambda function");
    if (target.has("InputTransformer") || target.has("InputPath"))
      target.unsupported("InputTransformer", "is not modelled locally");
    const { lambda, clock } = services;
    const scheduled = new ScheduleSource({
      schedule: { arn, functionArn, every, source, input: target.optionalText("Input") },
      invoke: (payload) => lambda.invoke(functionArn, payload),
      clock,
    });
    if (properties.optionalText("State") === "DISABLED") void scheduled.disable();
    services.sources.push(scheduled);
  }
  return { ref: scheduleName, attributes: { Arn: arn } };
}
