import { type Clock, isoOf } from "../../shared/time/clock.ts";
import { ACCOUNT_ID, REGION } from "../models/arn.ts";
import type { Keys } from "./condition-keys.ts";
import type { Principal } from "./principal.ts";

/** Condition keys that every call has. Source: "AWS global condition context keys", IAM User Guide. */
export const globalKeys =
  (principal: Principal, clock: Clock): Keys =>
  (key) => {
    const value = globalValue(key, principal, clock);
    return value === undefined ? undefined : [value];
  };

function globalValue(key: string, principal: Principal, clock: Clock): string | undefined {
  const role = principal.kind === "role" ? principal : undefined;
  switch (key) {
    case "aws:currenttime":
      return isoOf(clock.now());
    case "aws:epochtime":
      return String(Math.floor(clock.now() / 1_000));
    case "aws:principalaccount":
      return role && ACCOUNT_ID;
    case "aws:principalarn":
      return role?.arn;
    case "aws:principalisawsservice":
      return String(principal.kind === "service");
    case "aws:principalservicename":
      return principal.kind === "service" ? principal.name : undefined;
    case "aws:principaltype":
      return { role: "AssumedRole", anonymous: "Anonymous", service: undefined }[principal.kind];
    case "aws:requestedregion":
      return REGION;
    case "aws:resourceaccount":
      return ACCOUNT_ID;
    // what crosses the network on AWS in TLS crosses the loopback interface here in the clear
    case "aws:securetransport":
      return "true";
    case "aws:userid":
      return role && `${role.roleId}:${role.sessionName}`;
    case "aws:viaawsservice":
      return "false";
    case "lambda:sourcefunctionarn":
      return role?.functionArn;
    default:
      return undefined;
  }
}

/** Condition keys of a service that calls for one of the templates' resources. */
export const sourceKeys =
  (sourceArn: string): Keys =>
  (key) => {
    if (key === "aws:sourcearn") return [sourceArn];
    return key === "aws:sourceaccount" ? [ACCOUNT_ID] : undefined;
  };
