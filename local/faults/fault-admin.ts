import type { IncomingMessage, ServerResponse } from "node:http";
import { MillraceError } from "../../shared/errors/millrace-error.ts";
import type { FaultPlan } from "./fault-plan.ts";
import type { FaultSettingsInput } from "./rules.ts";

/** Where faults are asked for. No service of AWS has a path that begins so. */
const PATH = "/_millrace/faults";

/**
 * Answers requests for the faults: GET tells the rules in force and how often each has struck, PUT puts others in
 * their place, DELETE ends them. False when the request is for something else.
 */
export function handleFaults(
  plan: FaultPlan,
  request: IncomingMessage,
  response: ServerResponse,
  body: Uint8Array,
): boolean {
  if (request.url !== PATH) return false;
  try {
    if (request.method === "PUT") plan.set(parsed(body));
    else if (request.method === "DELETE") plan.set({});
    else if (request.method !== "GET") {
      answer(response, 405, { code: "METHOD_NOT_ALLOWED", message: `${request.method}: GET, PUT or DELETE` });
      return true;
    }
    answer(response, 200, {
      seed: plan.settings.seed,
      rules: plan.counts().map(({ rule, struck }) => ({ ...rule, struck })),
    });
  } catch (error) {
    if (!(error instanceof MillraceError)) throw error;
    answer(response, 400, { code: error.code, message: error.message, next: error.next });
  }
  return true;
}

function parsed(body: Uint8Array): FaultSettingsInput {
  try {
    return JSON.parse(Buffer.from(body).toString()) as FaultSettingsInput;
  } catch (cause) {
    throw new MillraceError("FAULT_RULE_INVALID", "the settings are no JSON", { next: "refused", cause });
  }
}

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(`${JSON.stringify(body, undefined, 2)}\n`);
}
