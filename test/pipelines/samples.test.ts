import { expect, test } from "vitest";
import { app } from "../../pipelines/index.ts";

test("the samples are one application of three streams and five pipelines", () => {
  expect(app.name).toBe("samples");
  expect(app.streams.map(({ id }) => id)).toEqual(["flights", "access-log", "sensors"]);
  expect(app.pipelines.map(({ id }) => id)).toEqual([
    "flight-delays",
    "web-traffic",
    "path-words",
    "climate",
    "excursions",
  ]);
});

test("every sample drops repeated events by id, so that a repeated POST counts once", () => {
  for (const { id, nodes } of app.pipelines)
    expect([id, nodes.some(({ spec }) => spec.kind === "dedupe")]).toEqual([id, true]);
});
