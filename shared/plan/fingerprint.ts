import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import type { Stage } from "../operators/stage.ts";
import { detailOf } from "./detail.ts";

/**
 * A hash of what decides how a stage's saved state is read: its partitions, and each stateful operator's
 * id, window and aggregates. A filter may come and go; a window of another size is another state.
 */
export function fingerprintOf(stage: Omit<Stage, "fingerprint">): string {
  const state = stage.nodes.flatMap(({ id, spec }) =>
    spec.kind === "window"
      ? [[id, detailOf(spec), Object.entries(spec.aggregates).map(([name, a]) => `${name}:${a.name}`)]]
      : spec.kind === "dedupe"
        ? [[id, detailOf(spec)]]
        : [],
  );
  const text = JSON.stringify([stage.id, stage.partitions, state]);
  return bytesToHex(sha256(new TextEncoder().encode(text))).slice(0, 16);
}
