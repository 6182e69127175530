import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { withoutDefinition } from "../../local/reference/known.ts";
import type { Stage } from "../../shared/operators/stage.ts";
import { anyInternalInputs, anySourceInputs } from "../operators/inputs.ts";
import { isInternal, shapes } from "../operators/shapes.ts";
import { byEngine, byReference } from "./both-ways.ts";

const anySize = fc.integer({ min: 1, max: 12 });

const isKnown = (stage: Stage): boolean =>
  withoutDefinition({ stages: new Map([[stage.id, stage]]) }).length === 0;

describe.each(Object.entries(shapes).filter(([, stage]) => isKnown(stage)))("a stage of %s", (_, stage) => {
  test.prop([isInternal(stage) ? anyInternalInputs : anySourceInputs, anySize], { numRuns: 120 })(
    "gives what the reference works out from lists of events",
    (inputs, size) => {
      expect(byEngine(stage, inputs, size)).toEqual(byReference(stage, inputs));
    },
  );
});

test("the reference has a definition of every operator", () => {
  expect(Object.entries(shapes).filter(([, stage]) => !isKnown(stage))).toEqual([]);
});

test("what has none is named", () => {
  const [stage] = Object.values(shapes) as [Stage];
  const nodes = [{ id: "odd", spec: { kind: "odd" }, inputs: [], onError: "skip" }];
  const odd = { ...stage, nodes: nodes as unknown as Stage["nodes"] };
  expect(withoutDefinition({ stages: new Map([["s", odd]]) })).toEqual(["odd"]);
});
