import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { environmentFor } from "../../infra/local/environment.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** What a deployment has said: outputs of the stack by their names, and where its API answers. */
export type Deployed = { readonly outputs: Readonly<Record<string, string>>; readonly api: string };

/** `npm run deploy:local`, with options of `cdk synth`. */
export async function deployLocal(endpoint: string, ...options: readonly string[]): Promise<Deployed> {
  const said = await npm(endpoint, "run", "deploy:local", "--", ...options);
  const outputs = [...said.matchAll(/^[\w-]+\.(\w+) = (.*)$/gm)].map(([, name, value]) => [name, value]);
  const api = /answers at (.*)\/$/m.exec(said)?.[1];
  if (api === undefined) throw new Error(`no API was deployed: ${said.slice(-SHOWN)}`);
  return { outputs: Object.fromEntries(outputs), api };
}

/** `npx cdk destroy`. */
export const destroy = (endpoint: string, ...options: readonly string[]): Promise<string> =>
  npm(endpoint, "exec", "--", "cdk", "destroy", "--force", ...options);

const SHOWN = 6_000;
const MANY_BYTES = 10_000_000;

/** Resolves to what it has printed. */
function npm(endpoint: string, ...args: readonly string[]): Promise<string> {
  const env = environmentFor({ ...process.env, AWS_ENDPOINT_URL: endpoint });
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  execFile("npm", args, { cwd: ROOT, env, maxBuffer: MANY_BYTES }, (failed, stdout, stderr) => {
    if (failed === null) resolve(stdout + stderr);
    else reject(new Error(`npm ${args.join(" ")} failed: ${`${stdout}${stderr}`.slice(-SHOWN)}`));
  });
  return promise;
}
