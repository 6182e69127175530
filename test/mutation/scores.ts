import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";

/**
 * What `npm run mutate` found, by folder: `node test/mutation/scores.ts [--json] [report.json …]`.
 * Later reports count for the files that they have. As a table, or a line of JSON a folder and one for all.
 */
const { values, positionals } = parseArgs({
  options: { json: { type: "boolean", default: false } },
  allowPositionals: true,
});

/** The parts of Stryker's report that are counted. */
type Report = {
  readonly files: Readonly<Record<string, { readonly mutants: readonly { readonly status: string }[] }>>;
};

const files = new Map<string, Report["files"][string]>();
for (const path of positionals.length > 0 ? positionals : ["reports/mutation/mutation.json"])
  for (const [file, found] of Object.entries((JSON.parse(readFileSync(path, "utf8")) as Report).files))
    files.set(file, found);

/** Found: a test failed, or did not end. Not found: none failed, or none runs the code. */
const FOUND: ReadonlySet<string> = new Set(["Killed", "Timeout"]);
const MISSED: ReadonlySet<string> = new Set(["Survived", "NoCoverage"]);

function show(folder: string, of: (file: string) => boolean): void {
  const statuses = [...files].flatMap(([file, { mutants }]) =>
    of(file) ? mutants.map(({ status }) => status) : [],
  );
  const killed = statuses.filter((status) => FOUND.has(status)).length;
  const survived = statuses.filter((status) => MISSED.has(status)).length;
  const score = Math.round((10_000 * killed) / (killed + survived)) / 100;
  process.stdout.write(
    values.json
      ? `${JSON.stringify({ folder, mutants: killed + survived, killed, survived, score })}\n`
      : `${folder.padEnd(18)} ${score.toFixed(2).padStart(6)} %  ${killed} of ${killed + survived}\n`,
  );
}

const folderOf = (file: string): string => file.split("/").slice(0, 2).join("/");
for (const folder of [...new Set([...files.keys()].map(folderOf))].sort())
  show(folder, (file) => folderOf(file) === folder);
show("all", () => true);
