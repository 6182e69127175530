// What the test runner counted, last; before it each test that failed and why, since a log that is cut keeps its end.
import { existsSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";

const folder = process.argv[2] ?? ".";
const runs = ["localstack", "conformance", "tests"].flatMap((name) => {
  const file = join(folder, `${name}.json`);
  return existsSync(file) ? [{ name, result: JSON.parse(readFileSync(file, "utf8")) }] : [];
});

for (const { result } of runs)
  for (const file of result.testResults.filter(({ status }) => status === "failed")) {
    process.stdout.write(
      `failed: ${relative(".", file.name)}${file.message ? `: ${start(file.message)}` : ""}\n`,
    );
    for (const test of file.assertionResults.filter(({ status }) => status === "failed"))
      process.stdout.write(`  ${test.fullName}\n    ${test.failureMessages.map(start).join("\n    ")}\n`);
  }

for (const { name, result } of runs)
  process.stdout.write(
    `${name}: ${result.numPassedTests} passed, ${result.numFailedTests} failed, ${result.numPendingTests} skipped\n`,
  );

/** The first lines of a message, without what the runner was doing, in its place under a test. */
function start(message) {
  const lines = message.split("\n").filter((line) => !/^\s+at .*node_modules/.test(line));
  return lines.slice(0, 20).join("\n    ");
}
