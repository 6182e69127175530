import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { anchorsOf, DOCUMENTS, linksOf } from "./documents.ts";

test.each(DOCUMENTS)("every relative link in %s leads somewhere", (document) => {
  const broken = linksOf(document).filter((link) => !leadsSomewhere(document, link));
  expect(broken).toEqual([]);
});

function leadsSomewhere(document: string, link: string): boolean {
  if (/^[a-z]+:/.test(link)) return true;
  const [path = "", anchor] = link.split("#");
  const target = path === "" ? document : join(dirname(document), path);
  if (!existsSync(target)) return false;
  return anchor === undefined || anchorsOf(target).includes(anchor);
}

test("a link to a missing file or heading is seen", () => {
  const links = ["docs/nothing.md", "CHANGELOG.md#nothing", "CHANGELOG.md", "https://example.com"];
  expect(links.map((link) => leadsSomewhere("README.md", link))).toEqual([false, false, true, true]);
});
