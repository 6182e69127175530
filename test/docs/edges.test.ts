import { existsSync, readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

/** What a page says of the edges: each point begins with a sentence in bold. */
function saidBy(page: string): string[] {
  const [, section = ""] = readFileSync(page, "utf8").split("\n## At the edges\n");
  const [points = ""] = section.split("\n## ");
  return [...points.matchAll(/^- \*\*(.+?)\*\*/gm)].map(([, sentence = ""]) => sentence);
}

const triedBy = (file: string): string[] =>
  [...readFileSync(file, "utf8").matchAll(/^test\(\s*(["'])(.+?)\1,/gm)].map(([, , name = ""]) => name);

const FILES = readdirSync("test/docs/edges").filter((file) => file.endsWith(".test.ts"));

test.each(FILES)(
  "each sentence about edges has a test of its name, and each test its sentence: %s",
  (file) => {
    const page = `docs/operators/${file.replace(".test.ts", ".md")}`;
    expect(existsSync(page)).toBe(true);
    expect(triedBy(`test/docs/edges/${file}`)).toEqual(saidBy(page));
  },
);
