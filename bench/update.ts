import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { startCloud } from "../local/cloud.ts";
import { loadStacks } from "../local/template/cloud-assembly.ts";
import { deployedSamples } from "./local-cloud/job.ts";
import { atMost, type Figure, median, print } from "./report.ts";

/**
 * Claim: a changed template is in force in the running local cloud within 50 ms where one function's code changed, so
 * that a developer who saves a file waits for the synthesis alone. The samples' template, from its folder to the end of
 * the update; processes start with the next invocation.
 */
export async function updateFigures({ updates }: { readonly updates: number }): Promise<Figure[]> {
  const { templateDir } = await deployedSamples();
  const folder = mkdtempSync(join(tmpdir(), "millrace-bench-update-"));
  const cloud = await startCloud({ templateDir });
  try {
    const versions = ["a", "b"].map((name) => changed(templateDir, join(folder, name), name));
    const times: number[] = [];
    for (let i = 0; i < updates; i++) {
      const startedAt = performance.now();
      const { updated } = await cloud.update(versions[i % 2] ?? "");
      times.push(performance.now() - startedAt);
      if (updated.length !== 1) throw new Error(`${updated.length} resources changed, not one`);
    }
    const resources = cloud.resources.length;
    return [
      {
        name: `update of a running cloud, one function of ${resources} resources`,
        value: median(times),
        unit: "ms",
        aim: atMost(50),
      },
    ];
  } finally {
    await cloud.close();
    rmSync(folder, { recursive: true });
  }
}

/** A copy of a template's folder in which the code of one function, the first, has another key. */
function changed(templateDir: string, into: string, name: string): string {
  cpSync(templateDir, into, { recursive: true });
  const [stack] = loadStacks(into);
  const functions = Object.values(stack?.template.Resources ?? {}).filter(
    ({ Type }) => Type === "AWS::Lambda::Function",
  );
  const { S3Key: key = "" } = (functions[0]?.Properties?.["Code"] ?? {}) as { readonly S3Key?: string };
  const file = (kind: string) => join(into, `${stack?.name}.${kind}.json`);
  const template = readFileSync(file("template"), "utf8");
  writeFileSync(file("template"), template.replace(key, `${name}.zip`));
  // the other functions of this code keep its key
  const assets = JSON.parse(readFileSync(file("assets"), "utf8")) as {
    readonly files: Record<string, unknown>;
  };
  const renamed = JSON.stringify(assets.files[key.replace(".zip", "")]).replaceAll(key, `${name}.zip`);
  writeFileSync(file("assets"), JSON.stringify({ files: { ...assets.files, [name]: JSON.parse(renamed) } }));
  return into;
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: { updates: { type: "string", default: "100" }, json: { type: "boolean", default: false } },
  });
  print(await updateFigures({ updates: Number(values.updates) }), values.json);
}
