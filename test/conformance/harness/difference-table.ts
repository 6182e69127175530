import type { Case, Difference, Oracle } from "./case.ts";

/** The page of one service: what was compared with what, and each difference with the page that decides it. */
export function differenceTable<Client>({
  service,
  cases,
  oracles,
  differences,
}: {
  readonly service: string;
  readonly cases: readonly Case<Client>[];
  readonly oracles: readonly Oracle<Client>[];
  readonly differences: readonly Difference[];
}): string {
  const head = `# ${service}: the model beside others\n\n${cases.length} cases, made by \`npm run conformance\`.`;
  if (oracles.length === 0) return `${head} ${WITHOUT_ORACLE}\n\n${quotations(cases)}\n`;
  const beside = `Beside it: ${oracles.map(({ name, version }) => `${name} ${version}`).join(", ")}.`;
  const sourceOf = (name: string) => cases.find((one) => one.name === name)?.aws?.source ?? "";
  const rows = differences.map(
    (row) => `| ${row.case} | ${row.oracle} | ${row.does} | [AWS](${sourceOf(row.case)}) |`,
  );
  const table =
    rows.length === 0
      ? "No case came out differently."
      : [
          "The model does what AWS's documentation says in each of these cases:",
          "",
          "| case | stand-in | does instead | decided by |",
          "|---|---|---|---|",
          ...rows,
        ].join("\n");
  return `${head} ${beside}\n\n${table}\n`;
}

const WITHOUT_ORACLE = "There is no stand-in for it: each case does what AWS's documentation says.";

/** What decides each case of a service for which there is no stand-in. */
const quotations = <Client>(cases: readonly Case<Client>[]): string =>
  [
    "| case | AWS's documentation |",
    "|---|---|",
    ...cases.map(({ name, aws }) => `| ${cell(name)} | ${cell(aws?.says ?? "")} [(page)](${aws?.source}) |`),
  ].join("\n");

/** Text in a table's cell. */
const cell = (text: string): string => text.replaceAll("|", "\\|");
