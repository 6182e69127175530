import { arnOf } from "../../models/arn.ts";
import { closeSource } from "../../sources/close-source.ts";
import { parseRate, ScheduleSource } from "../../sources/schedule-source.ts";
import type { Properties } from "../properties.ts";
import type { Request, Resource, ResourceKind, Services } from "../resource-kind.ts";

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

/**
 * Changes a rule or schedule: its targets are called one period from now, and then in each.
 * @param old - what its Ref and Fn::GetAtt yielded before
 */
export async function updateSchedule(kind: ResourceKind, request: Request, old: Resource): Promise<Resource> {
  await removeSchedule(request.services, old);
  return kind(request);
}

/** Ends a rule or schedule. */
export async function removeSchedule({ sources }: Services, { attributes }: Resource): Promise<void> {
  for (const { id, name } of [...sources]) if (name === attributes["Arn"]) await closeSource(sources, id);
}

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
  for (const [index, target] of targets.entries()) {
    const functionArn = target.text("Arn");
    if (!functionArn.includes(":lambda:")) target.unsupported("Arn", "is no Lambda function");
    if (target.has("InputTransformer") || target.has("InputPath"))
      target.unsupported("InputTransformer", "is not modelled locally");
    const { lambda, clock } = services;
    const scheduled = new ScheduleSource({
      schedule: {
        id: `${arn}#${index}`,
        arn,
        functionArn,
        every,
        source,
        input: target.optionalText("Input"),
      },
      invoke: (payload) => lambda.invoke(functionArn, payload),
      clock,
    });
    if (properties.optionalText("State") === "DISABLED") void scheduled.disable();
    services.sources.push(scheduled);
  }
  return { ref: scheduleName, attributes: { Arn: arn } };
}
