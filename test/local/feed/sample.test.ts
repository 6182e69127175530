import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, onTestFinished, test } from "vitest";
import { forEachRow } from "../../../local/feed/sample.ts";

async function fileOf(bytes: Uint8Array): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "millrace-sample-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, "some.csv.gz");
  await writeFile(path, bytes);
  return path;
}

async function rowsOf(text: string, most = Number.POSITIVE_INFINITY): Promise<readonly unknown[]> {
  const rows: unknown[] = [];
  await forEachRow(await fileOf(gzipSync(text)), (row) => rows.push(row) >= most);
  return rows;
}

describe("the rows of a sample", () => {
  test("have the names of its header, whether or not the last one ends with a line feed", async () => {
    const rows = [
      { a: "1", b: "" },
      { a: "é", b: "3" },
    ];
    expect(await rowsOf("a,b\n1,\né,3")).toEqual(rows);
    expect(await rowsOf("a,b\n1,\né,3\n")).toEqual(rows);
  });

  test("are the file's, wherever it is cut into chunks", async () => {
    const numbers = Array.from({ length: 40_000 }, (_, n) => `${n}`);
    const rows = await rowsOf(`n,é\n${numbers.map((n) => `${n},é${n}`).join("\n")}\n`);
    expect(rows).toEqual(numbers.map((n) => ({ n, é: `é${n}` })));
  });

  test("are read until it is enough", async () => {
    expect(await rowsOf("n\n1\n2\n3\n", 2)).toEqual([{ n: "1" }, { n: "2" }]);
  });

  test.each([
    ["shorter than the header", "a,b\n1\n"],
    ["longer than it", "a,b\n1,2,3\n"],
    ["in quotes", 'a,b\n"1,2"\n'],
    ["in quotes that fit", 'a,b\n"1",2\n'],
  ])("are refused where one is %s", async (_, text) => {
    await expect(rowsOf(text)).rejects.toMatchObject({ code: "SAMPLE_MALFORMED" });
  });

  test("are not to be had of a file that is no gzip, or not there", async () => {
    await expect(forEachRow(await fileOf(Buffer.from("a\n1\n")), () => {})).rejects.toThrow(
      "incorrect header",
    );
    await expect(forEachRow("nowhere.csv.gz", () => {})).rejects.toThrow("ENOENT");
  });
});
