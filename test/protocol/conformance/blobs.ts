import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Blobs } from "../../../shared/protocol/ports.ts";

export type OpenBlobs = () => Promise<{ readonly blobs: Blobs; readonly close: () => Promise<void> }>;

export function blobsConformance(name: string, open: OpenBlobs): void {
  describe(`${name} as blobs`, () => {
    let opened: Awaited<ReturnType<OpenBlobs>>;
    let blobs: Blobs;
    beforeAll(async () => {
      opened = await open();
      blobs = opened.blobs;
    });
    afterAll(() => opened.close());
    const read = async (key: string): Promise<Uint8Array | undefined> => {
      const bytes = await blobs.get(key);
      return bytes && Uint8Array.from(bytes);
    };

    test("what was never put is undefined", async () => {
      expect(await read("nothing/here")).toBeUndefined();
    });

    test("bytes of any size come back", async () => {
      for (const size of [0, 1, 100_000]) {
        const bytes = Uint8Array.from({ length: size }, (_, i) => i % 251);
        await blobs.put(`sizes/${size}`, bytes);
        expect(await read(`sizes/${size}`)).toEqual(bytes);
      }
    });

    test("a part of the bytes can be read, as far as there are any", async () => {
      await blobs.put("parts", Uint8Array.of(1, 2, 3, 4));
      const part = async (from: number, length: number) => [
        ...((await blobs.getRange("parts", from, length)) ?? []),
      ];
      expect(await part(0, 2)).toEqual([1, 2]);
      expect(await part(1, 2)).toEqual([2, 3]);
      expect(await part(2, 100)).toEqual([3, 4]);
      expect(await blobs.getRange("parts", 4, 1)).toBeUndefined();
      expect(await blobs.getRange("no/parts", 0, 1)).toBeUndefined();
    });

    test("keys are listed by their beginning, and gone once removed, as often as they are", async () => {
      for (const key of ["some/a", "some/b", "some/deep/c", "someone"])
        await blobs.put(key, Uint8Array.of(1));
      expect([...(await blobs.list("some/"))].sort()).toEqual(["some/a", "some/b", "some/deep/c"]);
      expect(await blobs.list("nobody/")).toEqual([]);
      await blobs.remove([]);
      for (let times = 0; times < 2; times += 1) await blobs.remove(["some/a", "some/deep/c"]);
      expect(await blobs.list("some/")).toEqual(["some/b"]);
      expect(await read("some/a")).toBeUndefined();
    });

    test("a second put leaves the first object as it is", async () => {
      await blobs.put("once", Uint8Array.of(1));
      await blobs.put("once", Uint8Array.of(2));
      expect(await read("once")).toEqual(Uint8Array.of(1));
    });

    test("of many puts at once one stays, and none fails", async () => {
      await Promise.all(Array.from({ length: 8 }, (_, i) => blobs.put("contested", Uint8Array.of(i))));
      expect(await read("contested")).toHaveLength(1);
    });

    test("keys keep their characters apart", async () => {
      const keys = ["a b", "a+b", "a%20b", "day=2013-01-01/x", "ü/é", "a/./b", "q?x=1#y", "it's"];
      for (const [i, key] of keys.entries()) await blobs.put(`chars/${key}`, Uint8Array.of(i));
      for (const [i, key] of keys.entries()) expect(await read(`chars/${key}`)).toEqual(Uint8Array.of(i));
    });
  });
}
