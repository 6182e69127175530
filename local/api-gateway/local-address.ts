import { MillraceError } from "../../shared/errors/millrace-error.ts";
import { REGION } from "../models/arn.ts";
import type { ApiGateway } from "./api-gateway.ts";

/**
 * The path under which the template's API answers here: its first stage.
 * @throws MillraceError LOCAL_TEMPLATE_INVALID where it has none
 */
export function firstStage(gateway: ApiGateway): string {
  const [stage] = gateway.apis().flatMap((api) => api.stageNames());
  if (stage !== undefined) return stage;
  throw new MillraceError("LOCAL_TEMPLATE_INVALID", "the template has no API with a stage", {
    next: "refused",
  });
}

/** The outputs, with each API's address on AWS turned into this machine's. */
export function pointedHere(
  outputs: Readonly<Record<string, string>>,
  gateway: ApiGateway,
  endpoint: string,
): Readonly<Record<string, string>> {
  const hosts = gateway
    .apis()
    .map(({ options }) => `https://${options.id}.execute-api.${REGION}.amazonaws.com`);
  const here = (value: string) => hosts.reduce((text, host) => text.replaceAll(host, endpoint), value);
  return Object.fromEntries(Object.entries(outputs).map(([name, value]) => [name, here(value)]));
}
