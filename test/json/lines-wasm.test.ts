import { expect, test } from "vitest";
import { compiledLines, writtenLines } from "./compile-lines.ts";

test("what goes through lines is what its source says: after a change, npm run build:wasm", async () => {
  expect(writtenLines()).toBe(await compiledLines());
});
