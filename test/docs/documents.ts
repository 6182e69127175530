import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** The project's own documents, by their paths from its root. */
export const DOCUMENTS: readonly string[] = [
  ...["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "data/README.md"],
  ...readdirSync("docs", { recursive: true, encoding: "utf8" }).map((file) => join("docs", file)),
].filter((file) => file.endsWith(".md") && existsSync(file));

const textOf = (document: string): string => readFileSync(document, "utf8");

/** The contents of the fenced blocks in a language. */
export const blocksOf = (document: string, language: string): string[] =>
  [...textOf(document).matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, "gms"))].map(
    ([, block = ""]) => block,
  );

/** Where the links of a document lead, code left out: there, brackets and parentheses are code. */
export const linksOf = (document: string): string[] => {
  const prose = textOf(document)
    .replace(/^```.*?^```/gms, "")
    .replace(/`[^`\n]*`/g, "");
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = ""]) => target);
};

/** The anchors that a document's headings make, as GitHub makes them. */
export const anchorsOf = (document: string): string[] =>
  [...textOf(document).matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );
