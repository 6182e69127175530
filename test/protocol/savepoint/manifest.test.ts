import { expect, test } from "vitest";
import { readSavepoint, savedKey, savepointIds } from "../../../shared/protocol/savepoint/manifest.ts";
import { encodeValue } from "../../../shared/state/codec.ts";
import { inMemory } from "../in-memory.ts";
import { begun, take } from "./visits.ts";

test("the savepoints of an application are named in alphabetical order, half written ones and others' not at all", async () => {
  const env = await begun();
  for (const id of ["two", "three", "one"]) await take(env, id);
  await env.blobs.remove([savedKey({ application: "app", id: "two" }, "manifest.json")]);
  await env.blobs.put(savedKey({ application: "app2", id: "other" }, "manifest.json"), Uint8Array.of());
  await env.blobs.put(savedKey({ application: "app", id: "four" }, "old-manifest.json"), Uint8Array.of());
  expect(await savepointIds(env.blobs, "app")).toEqual(["one", "three"]);
});

test("one that is not there, or of a format that the build does not know, is refused by its name", async () => {
  const { blobs } = inMemory();
  await expect(readSavepoint(blobs, "app", "one")).rejects.toMatchObject({
    code: "SAVEPOINT_UNKNOWN",
    next: "refused",
    message: 'application "app" has no savepoint "one"',
  });
  const later = new TextEncoder().encode(encodeValue({ format: 2, id: "one" }));
  await blobs.put("savepoints/app/one/manifest.json", later);
  await expect(readSavepoint(blobs, "app", "one")).rejects.toMatchObject({
    code: "SAVEPOINT_UNKNOWN",
    message: 'savepoint "one" is of format 2, which this build does not know',
  });
});
