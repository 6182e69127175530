import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Oracle, Party } from "../harness/case.ts";
import { freePort, npmPackage, startServer } from "../harness/oracle-process.ts";
import { type Kinesis, kinesisAt } from "./client.ts";
import { ON_DEMAND_LIMIT, SHARD_LIMIT, TRANSITION } from "./conditions.ts";

const LOOPBACK: string = fileURLToPath(new URL("../harness/loopback.cjs", import.meta.url));

/** A server that is started again after a call that it did not answer or did not survive; that call fails. */
async function restarting(start: () => Promise<Party<Kinesis>>): Promise<Party<Kinesis>> {
  let party = await start();
  const client: Kinesis = async (operation, input) => {
    try {
      return await party.client(operation, input);
    } catch (error) {
      await party.close();
      party = await start();
      throw error;
    }
  };
  return { client, close: () => party.close() };
}

const settings = (pairs: readonly (readonly [string, string])[]): string[] => pairs.flat();

async function startKinesalite(): Promise<Party<Kinesis>> {
  const cli = join(npmPackage("kinesalite", "3.3.3"), "cli.js");
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/`;
  const states = ["create", "delete", "update"].map(
    (state) => [`--${state}StreamMs`, `${TRANSITION}`] as const,
  );
  const options = settings([["--port", `${port}`], ["--shardLimit", `${SHARD_LIMIT}`], ...states]);
  const server = await startServer(url, process.execPath, ["--require", LOOPBACK, cli, ...options]);
  return { client: kinesisAt(url), close: () => server.close() };
}

async function startKinesisLocal(): Promise<Party<Kinesis>> {
  const folder = npmPackage("kinesis-local", "0.6.2");
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/`;
  const states = [
    ...["CREATE_STREAM", "DELETE_STREAM", "SPLIT_SHARD", "MERGE_SHARDS", "UPDATE_SHARD_COUNT"],
    ...["UPDATE_STREAM_MODE", "REGISTER_STREAM_CONSUMER", "DEREGISTER_STREAM_CONSUMER"],
  ].map((state) => [`${state}_DURATION`, `${TRANSITION}ms`]);
  const env = {
    ...Object.fromEntries(states),
    KINESIS_MOCK_PLAIN_PORT: `${port}`,
    KINESIS_MOCK_TLS_PORT: `${await freePort()}`,
    SHARD_LIMIT: `${SHARD_LIMIT}`,
    ON_DEMAND_STREAM_COUNT_LIMIT: `${ON_DEMAND_LIMIT}`,
    LOG_LEVEL: "ERROR",
  };
  const args = ["--require", LOOPBACK, join(folder, "main.js")];
  // it looks for its certificate where it is started
  const server = await startServer(url, process.execPath, args, { cwd: folder, env });
  return { client: kinesisAt(url), close: () => server.close() };
}

export const oracles: readonly Oracle<Kinesis>[] = [
  // Kinesis of 2013 to 2020, made by comparing with AWS
  { name: "kinesalite", version: "3.3.3", start: () => restarting(startKinesalite) },
  // also known as Kinesis Mock; still maintained
  { name: "kinesis-local", version: "0.6.2", start: () => restarting(startKinesisLocal) },
];
