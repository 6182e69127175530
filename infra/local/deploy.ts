import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { apiAddress } from "./api-address.ts";
import { environmentFor } from "./environment.ts";

/**
 * `npm run deploy:local [-- options of cdk synth]`: bootstraps the account behind `AWS_ENDPOINT_URL` and deploys the
 * app of cdk.json into it, both by the CDK's own command line. Doing it again updates the stack. Options may be
 * `-c authorization=api-key`, or `--app "node other-app.ts"` for another app.
 */
const CDK = createRequire(import.meta.url).resolve("aws-cdk/bin/cdk");
const env = environmentFor(process.env);
const folder = await mkdtemp(join(tmpdir(), "millrace-deploy-"));
const assembly = join(folder, "cdk.out");
const outputs = join(folder, "outputs.json");

/** Whether it succeeded; where not, it has said why. */
async function cdk(...args: readonly string[]): Promise<boolean> {
  const child = spawn(process.execPath, [CDK, ...args], { env, stdio: "inherit" });
  const [status] = (await once(child, "exit")) as [number | null];
  return status === 0;
}

try {
  const deployed =
    (await cdk("synth", "--quiet", "--output", assembly, ...process.argv.slice(2))) &&
    (await cdk("bootstrap", "--app", assembly)) &&
    (await cdk("deploy", "--all", "--app", assembly, "--require-approval=never", "--outputs-file", outputs));
  if (!deployed) process.exitCode = 1;
  else {
    const stacks = JSON.parse(await readFile(outputs, "utf8")) as Record<string, Record<string, string>>;
    for (const [stack, { ApiUrl }] of Object.entries(stacks))
      if (ApiUrl !== undefined)
        process.stdout.write(
          `\n${stack} answers at ${await apiAddress(ApiUrl, env["AWS_ENDPOINT_URL"] ?? "")}\n`,
        );
  }
} finally {
  await rm(folder, { recursive: true });
}
