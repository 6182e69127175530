import { jsonLinesOf } from "../json-output.ts";
import type { Part } from "../part.ts";

/** What test/mutation/scores.ts prints, by folder. */
type Score = {
  readonly folder: string;
  readonly mutants: number;
  readonly killed: number;
  readonly survived: number;
  /** Percent. */
  readonly score: number;
};

const FOLDERS = ["shared/operators", "shared/state", "shared/protocol"] as const;
const AIM = 85;

/** Mutation scores of Stryker: changes of single expressions, and whether a test notices. */
export const stryker: Part = {
  id: "stryker",
  commands: () => [
    ["npm", "run", "-s", "mutate"],
    ["npm", "run", "-s", "mutate:scores", "--", "--json"],
  ],
  read: ([run, scores]) => {
    const rows = jsonLinesOf<Score>(scores).filter(({ folder }) => folder !== "all");
    const aimed = FOLDERS.map((folder) => rows.find((row) => row.folder === folder));
    return {
      held: run?.code === 0 && aimed.every((row) => row !== undefined && row.score >= AIM),
      sentence: `Aim: at least ${AIM} % in each folder.`,
      table: {
        columns: ["folder", "mutants", "found", "not found", "score, %"],
        rows: rows.map(({ folder, mutants, killed, survived, score }) => [
          folder,
          mutants,
          killed,
          survived,
          score,
        ]),
      },
    };
  },
};
