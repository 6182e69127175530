import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { machine } from "../conformance/harness/machine.ts";
import { freePort, run } from "../conformance/harness/oracle-process.ts";

/** Starts and stops LocalStack as plain processes, where that is installed beside the project. */
const BESIDE = fileURLToPath(new URL("../../../shared/localstack/", import.meta.url));

export type LocalStack = {
  readonly endpoint: string;
  close(): void;
};

/** The LocalStack that `AWS_ENDPOINT_URL` names, or one of our own on a free port. */
export async function startLocalStack(): Promise<LocalStack> {
  const { AWS_ENDPOINT_URL: given } = process.env;
  if (given) return { endpoint: given, close: () => {} };
  if (!existsSync(`${BESIDE}up`))
    throw new Error("no LocalStack: run `docker compose up` and set AWS_ENDPOINT_URL=http://127.0.0.1:4566");
  const env = { ...machine, PORT: String(await freePort()) };
  // says where its log is
  process.stderr.write(up(env));
  return { endpoint: `http://127.0.0.1:${env.PORT}`, close: () => run(`${BESIDE}down`, [], env) };
}

/** On a busy machine it may take its own process, a moment old, for gone: repeated, it finds it running. */
function up(env: NodeJS.ProcessEnv, attempts = 3): string {
  const { status, stdout, stderr } = spawnSync(`${BESIDE}up`, { env, encoding: "utf8" });
  if (status === 0) return stdout;
  if (attempts > 1) return up(env, attempts - 1);
  throw new Error(`LocalStack does not start: ${stdout}${stderr}`);
}
