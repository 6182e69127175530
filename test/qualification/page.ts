import type { Recorded, Table } from "./part.ts";

/** All that was found, by the ids of the parts. */
export type Findings = Readonly<Record<string, Recorded>>;

const BLOCK = /^<!-- figures:([\w-]+) -->\n.*?^<!-- end -->$/gms;

/** The parts that a page has a place for. */
export const placesOf = (page: string): string[] => [...page.matchAll(BLOCK)].map(([, id = ""]) => id);

/** The page with each part's place filled. */
export const filled = (page: string, findings: Findings): string =>
  page.replaceAll(BLOCK, (_, id: string) => `<!-- figures:${id} -->\n${blockOf(findings[id])}\n<!-- end -->`);

function blockOf(found: Recorded | undefined): string {
  if (found === undefined) return "*Not run yet.*";
  const { held, sentence, table, commands, seconds, commit, date, machine } = found;
  const run = commands.map((command) => `\`${command}\``).join(", ");
  return [
    `**${held ? "Held." : "Did not hold."}** ${sentence}`,
    ...(table === undefined ? [] : [tableText(table)]),
    `*${run}: ${seconds.toLocaleString("en")} s at commit ${commit}, ${date} UTC, on ${machine}.*`,
  ].join("\n\n");
}

function tableText({ columns, rows }: Table): string {
  const right = columns.map((_, i) => rows.some((row) => typeof row[i] === "number"));
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  const text = (cell: string | number): string =>
    typeof cell === "number" ? cell.toLocaleString("en") : cell.replaceAll("|", "\\|");
  return [
    line(columns),
    `|${right.map((isNumber) => (isNumber ? "---:" : "---")).join("|")}|`,
    ...rows.map((row) => line(row.map(text))),
  ].join("\n");
}
