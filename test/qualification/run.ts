import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { type Findings, filled } from "./page.ts";
import { PARTS } from "./parts.ts";
import { runPart } from "./run-part.ts";

/**
 * `npm run qualify`: runs every part and writes what it found into docs/qualification.json and docs/qualification.md.
 * Exit code 1 where anything did not hold.
 *
 *     node test/qualification/run.ts [--quick] [--only part,…] [--seeds n] [--dry]
 */
const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    only: { type: "string" },
    seeds: { type: "string" },
    dry: { type: "boolean", default: false },
  },
});

const PAGE = fileURLToPath(new URL("../../docs/qualification.md", import.meta.url));
const FINDINGS = fileURLToPath(new URL("../../docs/qualification.json", import.meta.url));
const say = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

const only = values.only?.split(",") ?? PARTS.map(({ id }) => id);
const seeds = values.seeds === undefined ? undefined : Number(values.seeds);
const unknown = only.filter((id) => !PARTS.some((part) => part.id === id));
if (unknown.length > 0 || (seeds !== undefined && !(Number.isInteger(seeds) && seeds > 0))) {
  process.stderr.write(
    unknown.length > 0
      ? `no part is called ${unknown.join(" or ")}, only ${PARTS.map(({ id }) => id).join(", ")}\n`
      : `--seeds must be a whole number above 0, not "${values.seeds}"\n`,
  );
  process.exit(2);
}

let held = true;
for (const part of PARTS.filter(({ id }) => only.includes(id))) {
  say(`${part.id} …`);
  const found = await runPart(part, values.quick ? "quick" : "full", seeds);
  say(`${found.held ? "held" : "DID NOT HOLD"} after ${found.seconds} s: ${found.sentence}`);
  held &&= found.held;
  if (values.dry) continue;
  // after each part, so that a run that is cut short has not run for nothing
  const before = existsSync(FINDINGS) ? (JSON.parse(readFileSync(FINDINGS, "utf8")) as Findings) : {};
  const findings = { ...before, [part.id]: found };
  writeFileSync(FINDINGS, `${JSON.stringify(findings, undefined, 2)}\n`);
  writeFileSync(PAGE, filled(readFileSync(PAGE, "utf8"), findings));
}
process.exitCode = held ? 0 : 1;
