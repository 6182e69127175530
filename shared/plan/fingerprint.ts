import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import type { OperatorSpec } from "../operators/spec.ts";
import type { Stage } from "../operators/stage.ts";

/**
 * A hash of what decides how a stage's saved state is read: its partitions, and each stateful operator's
 * id, window and aggregates. A filter or an early trigger may come and go; a window of another size is
 * another state. What a `custom` aggregate keeps is not seen: give the operator a new id when it changes.
 */
export function fingerprintOf(stage: Omit<Stage, "fingerprint">): string {
  const state = stage.nodes.flatMap(({ id, spec }) =>
    spec.kind === "window" ? [[id, ...windowState(spec)]] : spec.kind === "dedupe" ? [[id]] : [],
  );
  const text = JSON.stringify([stage.id, stage.partitions, state]);
  return bytesToHex(sha256(new TextEncoder().encode(text))).slice(0, 16);
}

/** Lateness and accumulation belong to it: panes and timers of open windows were counted by them. */
function windowState(spec: Extract<OperatorSpec, { kind: "window" }>): unknown[] {
  const { window, aggregates, allowedLateness, trigger } = spec;
  const span =
    window.kind === "session"
      ? [window.gap]
      : window.kind === "hopping"
        ? [window.size, window.slide]
        : [window.size];
  return [
    window.kind,
    ...span,
    allowedLateness,
    trigger.accumulation ?? "accumulating",
    Object.entries(aggregates).map(([name, aggregate]) => [name, aggregate.name]),
  ];
}
