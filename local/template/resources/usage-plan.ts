import type { Properties } from "../properties.ts";
import {
  inPlace,
  type Request,
  type Resource,
  type ResourceKind,
  replacement,
  withoutEffect,
} from "../resource-kind.ts";
import { shortId } from "./short-id.ts";
import { throttleOf } from "./throttle.ts";

/** AWS::ApiGateway::ApiKey; a key without a value gets one from its name. */
export const apiKey: ResourceKind = {
  identity: ["Value"],
  create: (request) => {
    const id = shortId(request.name);
    setKey(request, id);
    return { ref: id, attributes: { APIKeyId: id } };
  },
  remove: ({ services }, { ref }) => services.gateway.usagePlans.removeKey(ref),
  properties: {
    ...replacement("GenerateDistinctId", "Name", "Value"),
    ...inPlace((request, { ref }) => setKey(request, ref), "Enabled"),
    ...withoutEffect("CustomerId", "Description", "StageKeys", "Tags"),
  },
};

function setKey({ properties, name, services: { gateway } }: Request, id: string): void {
  const value = properties.optionalText("Value") ?? shortId(`${name}/value`).repeat(2);
  gateway.usagePlans.setKey(id, value, properties.flag("Enabled"));
}

/** AWS::ApiGateway::UsagePlan */
export const usagePlan: ResourceKind = {
  create: (request) => {
    const id = shortId(request.name);
    setPlan(request, { ref: id });
    return { ref: id, attributes: { Id: id } };
  },
  remove: ({ services }, { ref }) => services.gateway.usagePlans.removePlan(ref),
  properties: {
    ...inPlace(setPlan, "ApiStages", "Quota", "Throttle"),
    ...withoutEffect("Description", "Tags", "UsagePlanName"),
  },
};

function setPlan({ properties, services: { gateway } }: Request, { ref }: Pick<Resource, "ref">): void {
  const quota = properties.object("Quota");
  const throttle = throttleOf(properties.object("Throttle"), "RateLimit", "BurstLimit");
  gateway.usagePlans.setPlan({
    id: ref,
    stages: properties.objects("ApiStages").map((stage) => ({
      apiId: stage.text("ApiId"),
      stage: stage.text("Stage"),
      methods: Object.fromEntries(
        Object.keys(stage.record("Throttle")).flatMap((path) => {
          const ofMethod = throttleOf(stage.object("Throttle").object(path), "RateLimit", "BurstLimit");
          return ofMethod === undefined ? [] : [[path, ofMethod]];
        }),
      ),
    })),
    ...(throttle !== undefined && { throttle }),
    ...(quota.has("Limit") && {
      quota: { limit: quota.number("Limit", 0), period: periodOf(quota), offset: quota.number("Offset", 0) },
    }),
  });
}

/** AWS::ApiGateway::UsagePlanKey */
export const usagePlanKey: ResourceKind = {
  create: ({ properties, name, services: { gateway } }) => {
    gateway.usagePlans.join(properties.text("UsagePlanId"), properties.text("KeyId"));
    return { ref: name, attributes: { Id: name } };
  },
  remove: ({ properties, services: { gateway } }) =>
    gateway.usagePlans.leave(properties.text("UsagePlanId"), properties.text("KeyId")),
  properties: replacement("KeyId", "KeyType", "UsagePlanId"),
};

function periodOf(quota: Properties): "DAY" | "WEEK" | "MONTH" {
  const period = quota.text("Period");
  if (period === "DAY" || period === "WEEK" || period === "MONTH") return period;
  return quota.unsupported("Period", `is ${period}; it must be DAY, WEEK or MONTH`);
}
