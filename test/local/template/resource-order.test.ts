import { expect, test } from "vitest";
import { creationOrder } from "../../../local/template/resource-order.ts";

test("a resource comes after all that it refers to, in any form, and after what it depends on", () => {
  const order = creationOrder({
    ByRef: { Type: "T", Properties: { a: [{ Ref: "Last" }] } },
    ByGetAtt: { Type: "T", Properties: { a: { "Fn::GetAtt": ["ByRef", "Arn"] } } },
    BySub: {
      Type: "T",
      Properties: { a: { "Fn::Sub": "#{ByGetAtt.Arn}-#{!ByDependsOn}-#{AWS::Region}".replaceAll("#", "$") } },
    },
    ByDependsOn: { Type: "T", DependsOn: "BySub" },
    Last: { Type: "T" },
  });
  expect(order).toEqual(["Last", "ByRef", "ByGetAtt", "BySub", "ByDependsOn"]);
});

test("a circle is refused by its names", () => {
  const circle = { A: { Type: "T", DependsOn: ["B"] }, B: { Type: "T", Properties: { a: { Ref: "A" } } } };
  expect(() => creationOrder(circle)).toThrow("A → B → A");
});
