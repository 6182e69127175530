import { expect, test } from "vitest";
import type { Stack, Template } from "../../../local/template/cloud-assembly.ts";
import { stackOrder } from "../../../local/template/stack-order.ts";

const stack = (name: string, template: Partial<Template>): Stack => ({
  name,
  template: { Resources: {}, ...template },
  assetFolders: new Map(),
});
const exporting = (name: string) => ({ Outputs: { Out: { Value: 1, Export: { Name: name } } } });
const importing = (name: string) => ({
  Resources: { R: { Type: "T", Properties: { a: [{ "Fn::ImportValue": name }] } } },
});

test("a stack comes after those that it imports from", () => {
  const api = stack("Api", { ...importing("Base:Table") });
  const base = stack("Base", exporting("Base:Table"));
  expect(stackOrder([api, base]).map(({ name }) => name)).toEqual(["Base", "Api"]);
});

test("stacks that import from each other are refused", () => {
  const a = stack("A", { ...importing("B:x"), ...exporting("A:x") });
  const b = stack("B", { ...importing("A:x"), ...exporting("B:x") });
  expect(() => stackOrder([a, b])).toThrow('stack "A" imports from a stack that imports from it');
});
