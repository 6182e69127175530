import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { describe, expect, test } from "vitest";

/** What a file may not import; a type counts too. A gate that nobody has seen shut is not a gate. */
const FORBIDDEN: readonly Plant[] = [
  // shared/ runs anywhere
  ["shared/plan/a.ts", "../../functions/stage/fold.ts"],
  ["shared/plan/a.ts", "../../infra/constructs/stage.ts"],
  ["shared/plan/a.ts", "../../local/cloud.ts"],
  ["shared/plan/a.ts", "../../cli/main.ts"],
  ["shared/plan/a.ts", "../../pipelines/flights.ts"],
  ["shared/protocol/a.ts", "node:crypto"],
  ["shared/protocol/a.ts", "@aws-sdk/client-dynamodb"],
  ["shared/frames/a.ts", "aws-cdk-lib"],
  ["shared/lake/a.ts", "@middy/core"],
  // its layers, from the bottom
  ["shared/time/a.ts", "../errors/codes.ts"],
  ["shared/errors/a.ts", "../events/event.ts"],
  ["shared/errors/a.ts", "../json/paths.ts"],
  ["shared/json/a.ts", "../errors/codes.ts"],
  ["shared/events/a.ts", "../operators/fold.ts"],
  ["shared/operators/a.ts", "../pipeline/graph.ts"],
  ["shared/state/a.ts", "../operators/fold.ts"],
  ["shared/pipeline/a.ts", "../plan/plan.ts"],
  ["shared/plan/a.ts", "../protocol/ports.ts"],
  ["shared/frames/a.ts", "../protocol/ports.ts"],
  ["shared/lake/a.ts", "../frames/encode.ts"],
  ["shared/protocol/a.ts", "../lake/parquet.ts"],
  ["shared/operators/a.ts", "../index.ts"],
  // functions: the SDK in aws/ alone, no function in another, pipelines in the handler alone
  ["functions/stage/a.ts", "aws-cdk-lib"],
  ["functions/stage/a.ts", "@aws-sdk/client-kinesis"],
  ["functions/stage/a.ts", "../../pipelines/flights.ts"],
  ["functions/aws/a.ts", "../../pipelines/flights.ts"],
  ["functions/aws/a.ts", "../../local/cloud.ts"],
  ["functions/stage/a.ts", "../ingest/ingest.ts"],
  ["functions/ingest/a.ts", "../query/query.ts"],
  ["functions/clock/a.ts", "../stage/handler.ts"],
  ["functions/query/a.ts", "../lake/columns.ts"],
  ["functions/lake/a.ts", "../clock/tick.ts"],
  ["functions/stage/handler.ts", "../../infra/constructs/stage.ts"],
  // infra knows functions by their paths, and pipelines in its app alone
  ["infra/constructs/a.ts", "../../functions/stage/handler.ts"],
  ["infra/constructs/a.ts", "../../pipelines/index.ts"],
  ["infra/stacks/a.ts", "@aws-sdk/client-s3"],
  ["infra/app.ts", "../functions/stage/handler.ts"],
  // local/ and cli/ take a template, not the CDK
  ["local/a.ts", "../infra/app.ts"],
  ["local/template/a.ts", "aws-cdk-lib"],
  ["local/a.ts", "../pipelines/index.ts"],
  // the judge shares no code with what it judges
  ["local/reference/a.ts", "../../shared/operators/window.ts"],
  ["local/reference/a.ts", "../../shared/state/codec.ts"],
  ["local/reference/a.ts", "../../shared/frames/partitioner.ts"],
  ["local/reference/a.ts", "../../shared/protocol/entry.ts"],
  ["local/reference/a.ts", "../../shared/index.ts"],
  ["local/reference/a.ts", "../simulator/random.ts"],
  ["cli/a.ts", "aws-cdk-lib/aws-lambda"],
  ["cli/a.ts", "../infra/app.ts"],
  // what users write sees the public door only
  ["pipelines/a.ts", "../shared/plan/planner.ts"],
  ["pipelines/a.ts", "../functions/stage/handler.ts"],
  ["pipelines/a.ts", "node:fs"],
  ["pipelines/a.ts", "@aws-sdk/client-s3"],
];

const ALLOWED: readonly Plant[] = [
  ["shared/operators/b.ts", "../time/time.ts"],
  ["shared/plan/b.ts", "../operators/fold.ts"],
  ["shared/protocol/b.ts", "../frames/encode.ts"],
  ["shared/protocol/b.ts", "../plan/plan.ts"],
  ["functions/stage/b.ts", "../aws/streams.ts"],
  ["functions/stage/b.ts", "../../shared/protocol/ports.ts"],
  ["functions/aws/b.ts", "@aws-sdk/client-kinesis"],
  ["functions/query/handler.ts", "../../pipelines/index.ts"],
  ["infra/constructs/b.ts", "../../shared/plan/plan.ts"],
  ["infra/constructs/b.ts", "aws-cdk-lib/aws-lambda"],
  ["infra/app.ts", "../pipelines/index.ts"],
  ["local/b.ts", "../functions/aws/clients.ts"],
  ["local/reference/b.ts", "../../shared/plan/planner.ts"],
  ["local/reference/b.ts", "../../shared/events/event.ts"],
  ["cli/b.ts", "../local/cloud.ts"],
  ["pipelines/b.ts", "../shared/index.ts"],
  ["pipelines/b.ts", "zod"],
];

type Diagnostic = { readonly category: string; readonly location: { readonly path: string } };

/** Lints planted files under the project's own rules: which rule refuses which file. Biome runs once for all. */
function lint(files: ReadonlyMap<string, string>): ReadonlySet<string> {
  const root = mkdtempSync(join(tmpdir(), "millrace-planted-"));
  try {
    copyFileSync("biome.json", join(root, "biome.json"));
    for (const [path, text] of files) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    }
    const args = ["lint", ".", "--reporter=json", "--max-diagnostics=none"];
    const { stdout } = spawnSync(resolve("node_modules/.bin/biome"), args, { cwd: root, encoding: "utf8" });
    const { diagnostics } = JSON.parse(stdout) as { readonly diagnostics: readonly Diagnostic[] };
    return new Set(diagnostics.map(({ category, location }) => `${category} ${location.path}`));
  } finally {
    rmSync(root, { recursive: true });
  }
}

type Plant = readonly [file: string, imports: string];

/** Each import has a file of its own, so that each is refused by itself; some files go by their names. */
const fileOf = ([file, imports]: Plant): string =>
  /(?:handler|app)\.ts$/.test(file)
    ? file
    : file.replace(/\.ts$/, `-${imports.replace(/[^a-z0-9]+/g, "-")}.ts`);

const plantedFiles = (plants: readonly Plant[]): ReadonlyMap<string, string> =>
  new Map(plants.map((plant) => [fileOf(plant), `export { a } from "${plant[1]}";\n`]));

describe("layers", () => {
  const refused = lint(plantedFiles(FORBIDDEN));
  test.each(FORBIDDEN)("%s may not import %s", (...plant) => {
    expect(refused).toContain(`lint/style/noRestrictedImports ${fileOf(plant)}`);
  });

  const accepted = lint(plantedFiles(ALLOWED));
  test.each(ALLOWED)("%s may import %s", (...plant) => {
    expect(accepted).not.toContain(`lint/style/noRestrictedImports ${fileOf(plant)}`);
  });
});

test("only the clock port reads the machine's time", () => {
  const reads = "export const now = (): number => Date.now();\n";
  const places = ["shared/operators/a.ts", "functions/stage/a.ts", "local/a.ts", "shared/time/clock.ts"];
  const refused = lint(new Map(places.map((path) => [path, reads])));
  expect(places.filter((path) => refused.has(`lint/style/noRestrictedGlobals ${path}`))).toEqual(
    places.slice(0, 3),
  );
});

test("files do not import each other in a circle", () => {
  const refused = lint(
    new Map([
      ["shared/plan/a.ts", 'import { b } from "./b.ts";\nexport const a = (): number => b;\n'],
      ["shared/plan/b.ts", 'import { a } from "./a.ts";\nexport const b: number = a();\n'],
    ]),
  );
  expect(refused).toContain("lint/suspicious/noImportCycles shared/plan/a.ts");
});
