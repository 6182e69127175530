import { parseArgs } from "node:util";
import { type ModelConfig, modelConfigs } from "./model-config.ts";
import { check, installedTlc, isAsExpected, missingTools, type Verdict } from "./tlc.ts";

/**
 * `npm run model`: the models of docs/model, checked by TLC. Exit code 1 where a safe config fails or a broken variant
 * passes; 2 where Java or Maven is missing.
 *
 *     node test/model/run.ts [--json] [name…]
 */
const { values, positionals } = parseArgs({
  options: { json: { type: "boolean", default: false } },
  allowPositionals: true,
});

const say = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

type Line = Pick<ModelConfig, "name" | "kind" | "says" | "expected"> &
  Verdict & { readonly seconds: number; readonly asExpected: boolean };

async function checked(config: ModelConfig, folder: string): Promise<Line> {
  const begun = performance.now();
  const verdict = await check(config, folder);
  const { name, kind, says, expected } = config;
  const seconds = Math.round((performance.now() - begun) / 100) / 10;
  return { name, kind, says, expected, ...verdict, seconds, asExpected: isAsExpected(config, verdict) };
}

function show({ name, verdict, what, states, distinct, depth, seconds, asExpected, expected }: Line): void {
  const ended = verdict === "violated" ? `violates ${what}` : verdict;
  const instead = asExpected ? "" : `  NOT EXPECTED: ${expected}${verdict === "error" ? `\n${what}` : ""}`;
  const number = (value: number, width: number): string => value.toLocaleString("en").padStart(width);
  say(
    `${name.padEnd(26)} ${number(states, 11)} ${number(distinct, 10)} ${number(depth, 6)} ${seconds.toFixed(1).padStart(7)}  ${ended}${instead}`,
  );
}

const missing = missingTools();
if (missing.length > 0) {
  process.stderr.write(`npm run model needs Java 11 or newer and Maven; not found: ${missing.join(", ")}\n`);
  process.exit(2);
}
const configs = modelConfigs().filter(({ name }) => positionals.length === 0 || positionals.includes(name));
if (!values.json)
  say(
    `${"config".padEnd(26)} ${"states".padStart(11)} ${"distinct".padStart(10)} ${"depth".padStart(6)} ${"seconds".padStart(7)}  verdict`,
  );
const folder = installedTlc();
const lines: Line[] = [];
for (const config of configs) {
  const line = await checked(config, folder);
  if (!values.json) show(line);
  lines.push(line);
}
if (values.json) say(JSON.stringify(lines));
else {
  const met = lines.filter((line) => line.asExpected).length;
  const seconds = lines.reduce((sum, line) => sum + line.seconds, 0);
  say(`${met} of ${lines.length} as expected, in ${seconds.toFixed(0)} s`);
}
process.exitCode = lines.length > 0 && lines.every(({ asExpected }) => asExpected) ? 0 : 1;
