import { arnOf } from "../../models/arn.ts";
import { closeSource } from "../../sources/close-source.ts";
import { parseTiming, ScheduleSource, type Timing } from "../../sources/schedule-source.ts";
import type { Properties } from "../properties.ts";
import type { Request, Resource, ResourceKind, Services } from "../resource-kind.ts";
import { assumableRole } from "./rights.ts";

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
  const timing = timingOf(properties, services);
  for (const [index, target] of targets.entries()) {
    const functionArn = target.text("Arn");
    if (!functionArn.includes(":lambda:")) target.unsupported("Arn", "is no Lambda function");
    if (target.has("InputTransformer") || target.has("InputPath"))
      target.unsupported("InputTransformer", "is not modelled locally");
    const { lambda, clock, iam } = services;
    const caller = source === "aws.events" ? "events.amazonaws.com" : "scheduler.amazonaws.com";
    // a rule is let in by the function's policy, a schedule acts as a role
    const role =
      source === "aws.events" ? undefined : assumableRole(target, "RoleArn", caller, arn, services);
    const scheduled = new ScheduleSource({
      schedule: {
        id: `${arn}#${index}`,
        arn,
        functionArn,
        timing,
        source,
        input: target.optionalText("Input"),
      },
      send: async (payload, onAttempt) => {
        // the schedule goes on: on AWS only its metric FailedInvocations tells
        if (!iam.mayInvoke(caller, functionArn, arn, role)) return false;
        return lambda.invokeEvent(functionArn, payload, onAttempt).taken;
      },
      clock,
    });
    if (properties.optionalText("State") === "DISABLED") void scheduled.disable();
    services.sources.push(scheduled);
  }
  return { ref: scheduleName, attributes: { Arn: arn } };
}

function timingOf(properties: Properties, { scheduleEvery }: Services): Timing {
  for (const name of ["StartDate", "EndDate"])
    if (properties.has(name)) properties.unsupported(name, "is not modelled locally");
  const zone = properties.optionalText("ScheduleExpressionTimezone") ?? "UTC";
  if (zone !== "UTC") properties.unsupported("ScheduleExpressionTimezone", `is ${zone}; only UTC is known`);
  if (scheduleEvery !== undefined) return { every: scheduleEvery };
  const expression = properties.text("ScheduleExpression");
  return (
    parseTiming(expression) ??
    properties.unsupported("ScheduleExpression", `is ${expression}, which is no rate, cron or at expression`)
  );
}
