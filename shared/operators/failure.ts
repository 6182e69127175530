import { MillraceError, messageOf } from "../errors/millrace-error.ts";
import type { FailedEvent } from "../events/event.ts";
import type { EventContext } from "./context.ts";
import { authored, type Stage, type StageNode } from "./stage.ts";

/** An operator with the policy `halt` threw: the partition stops before this record until the code is mended. */
export class OperatorHalted extends MillraceError {
  constructor(stage: Stage, node: StageNode, context: EventContext, cause: unknown) {
    super(
      "OPERATOR_HALTED",
      `pipeline "${stage.pipeline}", operator "${authored(node.id)}" threw at ${positionOf(context)}: ${messageOf(cause)}`,
      { next: "halted", cause },
    );
  }
}

const positionOf = (context: EventContext): string => `${context.record}#${context.index}`;

/**
 * What is kept of an event on which an operator threw.
 * @param operator - its id in the stage, or a name for what refused a record
 */
export function failedEvent(
  stage: Stage,
  operator: string,
  codeVersion: string,
  context: EventContext,
  payload: unknown,
  thrown: unknown,
): FailedEvent {
  const error = thrown instanceof Error ? thrown : undefined;
  const code = error instanceof MillraceError ? error.code : "OPERATOR_FAILED";
  return {
    payload,
    error: { code, name: error?.name ?? typeof thrown, message: messageOf(thrown) },
    pipeline: stage.pipeline,
    stage: stage.id,
    operator: authored(operator),
    position: positionOf(context),
    id: context.id,
    time: context.time,
    codeVersion,
  };
}
