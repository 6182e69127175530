import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { FAULTS } from "../../local/simulator/chaos/faults.ts";

test("docs/testing.md lists the faults that there are, in their own words", () => {
  const rows = [...readFileSync("docs/testing.md", "utf8").matchAll(/^\| `([a-z0-9-]+)` \| (.*) \|$/gm)];
  expect(rows.map(([, name, says]) => [name, says])).toEqual(
    [...FAULTS.values()].map(({ name, says }) => [name, says]),
  );
});
