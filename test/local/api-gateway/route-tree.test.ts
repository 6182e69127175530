import { expect, test } from "vitest";
import { RouteTree } from "../../../local/api-gateway/route-tree.ts";

const tree = new RouteTree<string>();
for (const resource of ["/", "/a", "/a/b", "/a/{x}", "/a/{x}/c", "/{proxy+}", "/a/{rest+}"])
  tree.add(resource, "GET", resource);
tree.add("/a", "ANY", "any");

test.each([
  ["/", "/", {}],
  ["/a", "/a", {}],
  ["/a/b", "/a/b", {}],
  ["/a/z", "/a/{x}", { x: "z" }],
  ["/a/b/c", "/a/{x}/c", { x: "b" }],
  ["/a/b/d", "/a/{rest+}", { rest: "b/d" }],
  ["/other/way", "/{proxy+}", { proxy: "other/way" }],
])("%s goes to %s", (path, resource, parameters) => {
  expect(tree.match(path, "GET")).toEqual({ resource, value: resource, parameters });
});

test("ANY takes the methods that have no entry of their own", () => {
  expect(tree.match("/a", "PUT")?.value).toBe("any");
  expect(tree.match("/a/b", "PUT")).toBeUndefined();
});
