import { readFileSync } from "node:fs";
import type { Part } from "../part.ts";

type Report = {
  readonly files: Readonly<
    Record<string, { readonly mutants: readonly { readonly status: string; readonly static?: boolean }[] }>
  >;
};

const REPORT = "reports/mutation/mutation.json";
const FOLDERS = ["shared/operators", "shared/state", "shared/protocol"] as const;
const AIM = 85;

/** Mutation scores of Stryker: changes of single expressions, and whether a test notices. */
export const stryker: Part = {
  id: "stryker",
  commands: () => [["npm", "run", "-s", "mutate"]],
  read: () => scoresOf(JSON.parse(readFileSync(REPORT, "utf8")) as Report),
};

/** As Stryker counts: killed and timed out, of those and the ones that survived or that no test covers. */
export function scoresOf({ files }: Report): ReturnType<Part["read"]> {
  const rows = FOLDERS.map((folder) => {
    const mutants = Object.entries(files)
      .filter(([file]) => file.startsWith(`${folder}/`))
      .flatMap(([, file]) => file.mutants);
    const count = (...statuses: string[]): number =>
      mutants.filter(({ status }) => statuses.includes(status)).length;
    const detected = count("Killed", "Timeout");
    const missed = count("Survived", "NoCoverage");
    return { folder, detected, missed, score: (100 * detected) / Math.max(1, detected + missed) };
  });
  return {
    held: rows.every(({ score }) => score >= AIM),
    sentence: `Aim: at least ${AIM} % in each folder.`,
    table: {
      columns: ["folder", "mutants found", "not found", "score, %"],
      rows: rows.map(({ folder, detected, missed, score }) => [
        folder,
        detected,
        missed,
        Math.floor(10 * score) / 10,
      ]),
    },
  };
}
