import { relative } from "node:path";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** The longest first: a processor that comes to its last file has then little to wait for. */
const LONGEST: readonly string[] = [
  "test/e2e/flights.",
  "test/simulation/",
  "test/cli/",
  "test/e2e/",
  "test/oracles/",
];

/** Vitest's own order, which knows only the sizes of files where it has not run them yet; with what takes minutes before. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification): number => {
      const path = relative(this.ctx.config.root, moduleId);
      const at = LONGEST.findIndex((start) => path.startsWith(start));
      return at === -1 ? LONGEST.length : at;
    };
    return (await super.sort(files)).toSorted((a, b) => place(a) - place(b));
  }
}
