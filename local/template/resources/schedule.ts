import { arnOf } from "../../models/arn.ts";
import { closeSource } from "../../sources/close-source.ts";
import { parseTiming, ScheduleSource, type Timing } from "../../sources/schedule-source.ts";
import type { Properties } from "../properties.ts";
import {
  inPlace,
  type Request,
  type Resource,
  type ResourceKind,
  replacement,
  type Services,
  withoutEffect,
} from "../resource-kind.ts";
import { assumableRole } from "./rights.ts";

/** AWS::Events::Rule with a schedule and Lambda targets. */
export const eventsRule: ResourceKind = {
  identity: ["Name"],
  create: (request) => {
    const name = request.properties.optionalText("Name") ?? request.name;
    const arn = arnOf("events", `rule/${name}`);
    request.services.sources.push(...ruleOf(request, arn)());
    return { ref: name, attributes: { Arn: arn } };
  },
  remove: endAll,
  properties: {
    ...replacement("EventBusName", "Name"),
    ...inPlace(
      (request, resource) => again(request, resource, ruleOf),
      "EventPattern",
      "ScheduleExpression",
      "State",
      "Targets",
    ),
    ...withoutEffect("Description", "RoleArn", "Tags"),
  },
};

/** AWS::Scheduler::Schedule with a Lambda target. */
export const schedulerSchedule: ResourceKind = {
  identity: ["Name"],
  create: (request) => {
    const name = request.properties.optionalText("Name") ?? request.name;
    const arn = arnOf("scheduler", `schedule/default/${name}`);
    request.services.sources.push(...scheduleOf(request, arn)());
    return { ref: name, attributes: { Arn: arn } };
  },
  remove: endAll,
  properties: {
    ...replacement("Name"),
    ...inPlace(
      (request, resource) => again(request, resource, scheduleOf),
      "EndDate",
      "ScheduleExpression",
      "ScheduleExpressionTimezone",
      "StartDate",
      "State",
      "Target",
    ),
    ...withoutEffect("Description", "FlexibleTimeWindow", "GroupName", "KmsKeyArn"),
  },
};

/** Makes the sources of a rule or schedule, once nothing of it can be refused any more. */
type Prepare = (request: Request, arn: string) => () => readonly ScheduleSource[];

/** Begins anew: a rate counts from now. */
async function again(request: Request, resource: Resource, prepare: Prepare): Promise<void> {
  const make = prepare(request, resource.attributes["Arn"] ?? "");
  await endAll(request, resource);
  request.services.sources.push(...make());
}

async function endAll({ services: { sources } }: Request, { attributes }: Resource): Promise<void> {
  for (const { id, name } of [...sources]) if (name === attributes["Arn"]) await closeSource(sources, id);
}

const ruleOf: Prepare = (request, arn) => {
  const { properties } = request;
  if (properties.has("EventPattern"))
    properties.unsupported("EventPattern", "is not modelled: there is no event bus");
  return prepared(request, arn, "aws.events", properties.objects("Targets"));
};

const scheduleOf: Prepare = (request, arn) =>
  prepared(request, arn, "aws.scheduler", [request.properties.object("Target")]);

function prepared(
  { properties, services }: Request,
  arn: string,
  source: "aws.events" | "aws.scheduler",
  targets: readonly Properties[],
): () => readonly ScheduleSource[] {
  const { lambda, clock, iam, progress } = services;
  const timing = timingOf(properties, services);
  const disabled = properties.optionalText("State") === "DISABLED";
  const caller = source === "aws.events" ? "events.amazonaws.com" : "scheduler.amazonaws.com";
  const group = arnOf("scheduler", `schedule-group/${properties.optionalText("GroupName") ?? "default"}`);
  const makers = targets.map((target, index) => {
    const functionArn = target.text("Arn");
    if (!functionArn.includes(":lambda:")) target.unsupported("Arn", "is no Lambda function");
    if (target.has("InputTransformer") || target.has("InputPath"))
      target.unsupported("InputTransformer", "is not modelled locally");
    // a rule is let in by the function's policy, a schedule acts as a role, which is assumed for the schedule's group:
    // https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html
    const role =
      source === "aws.events" ? undefined : assumableRole(target, "RoleArn", caller, group, services);
    const input = target.optionalText("Input");
    const id = `${arn}#${index}`;
    return () =>
      new ScheduleSource({
        schedule: { id, arn, functionArn, timing, source, input },
        lastTick: progress?.lastTickOf(id),
        send: async (payload, onAttempt) => {
          // the schedule goes on: on AWS only its metric FailedInvocations tells
          if (!iam.mayInvoke(caller, functionArn, arn, role)) return false;
          return lambda.invokeEvent(functionArn, payload, onAttempt).taken;
        },
        clock,
      });
  });
  return () =>
    makers.map((make) => {
      const scheduled = make();
      if (disabled) void scheduled.disable();
      return scheduled;
    });
}

function timingOf(properties: Properties, { scheduleEvery }: Services): Timing {
  for (const name of ["StartDate", "EndDate"])
    if (properties.has(name)) properties.unsupported(name, "is not modelled locally");
  const zone = properties.optionalText("ScheduleExpressionTimezone") ?? "UTC";
  if (zone !== "UTC" && zone !== "Etc/UTC")
    properties.unsupported("ScheduleExpressionTimezone", `is ${zone}; only UTC is known`);
  if (scheduleEvery !== undefined) return { every: scheduleEvery };
  const expression = properties.text("ScheduleExpression");
  return (
    parseTiming(expression) ??
    properties.unsupported("ScheduleExpression", `is ${expression}, which is no rate, cron or at expression`)
  );
}
