import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Oracle, Party } from "../harness/case.ts";
import { freePort, installed, npmPackage, run, startServer } from "../harness/oracle-process.ts";
import { type Sqs, sqsAt } from "./client.ts";

const here = (file: string): string => fileURLToPath(new URL(file, import.meta.url));
const COPY_DEPENDENCIES = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies";

async function served(
  command: string,
  args: (port: number) => readonly string[],
  env: (port: number) => NodeJS.ProcessEnv = () => ({}),
): Promise<Party<Sqs>> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/`;
  const server = await startServer(url, command, args(port), { env: env(port) });
  return { client: sqsAt(url), close: () => server.close() };
}

/** A stand-in for SQS, SNS and S3 in TypeScript. */
const fauxqs: Oracle<Sqs> = {
  name: "fauxqs",
  version: "2.4.1",
  start: () => {
    const cli = join(npmPackage("fauxqs", "2.4.1"), "dist", "cli.js");
    return served(
      process.execPath,
      () => ["--require", here("../harness/loopback.cjs"), cli],
      (port) => ({ FAUXQS_PORT: String(port), FAUXQS_LOGGER: "false" }),
    );
  },
};

/** A message queue in Scala with the interface of SQS; it needs a JRE (11 or newer) and Maven. */
const elasticMq: Oracle<Sqs> = {
  name: "ElasticMQ",
  version: "1.7.1",
  needs: ["mvn", "java"],
  start: () => {
    const pom = here("./elasticmq.pom.xml");
    const jars = installed("elasticmq-1.7.1", (folder) => {
      const into = [`-DoutputDirectory=${folder}`, "-DincludeScope=runtime"];
      run("mvn", ["-B", "-q", "-f", pom, COPY_DEPENDENCIES, ...into]);
    });
    return served("java", (port) => [
      "-Dfile.encoding=UTF-8",
      "-Xmx512m",
      `-Drest-sqs.bind-port=${port}`,
      "-Drest-sqs.bind-hostname=127.0.0.1",
      `-Dnode-address.port=${port}`,
      "-Drest-stats.enabled=false",
      "-Daws.region=us-east-1",
      "-cp",
      join(jars, "*"),
      "org.elasticmq.server.Main",
    ]);
  },
};

export const oracles: readonly Oracle<Sqs>[] = [fauxqs, elasticMq];
