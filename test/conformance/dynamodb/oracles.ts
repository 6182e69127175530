import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Oracle } from "../harness/case.ts";
import { freePort, installed, npmPackage, run, startServer } from "../harness/oracle-process.ts";
import { type DynamoDb, dynamoDbAt } from "./client.ts";

const here = (file: string): string => fileURLToPath(new URL(file, import.meta.url));
const COPY_DEPENDENCIES = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies";

async function served(command: string, args: (port: number) => readonly string[]) {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/`;
  const server = await startServer(url, command, args(port));
  return { client: dynamoDbAt(url), close: () => server.close() };
}

/** AWS's own stand-in; it needs a JDK (17 or newer) and Maven. */
export const dynamoDbLocal: Oracle<DynamoDb> = {
  name: "DynamoDB Local",
  version: "2.6.1",
  needs: ["mvn", "java"],
  start: () => {
    const pom = here("./dynamodb-local.pom.xml");
    const jars = installed("dynamodb-local-2.6.1", (folder) =>
      run("mvn", [
        "-B",
        "-q",
        "-f",
        pom,
        COPY_DEPENDENCIES,
        `-DoutputDirectory=${folder}`,
        "-DincludeScope=runtime",
      ]),
    );
    const java = [
      "-Xmx1g",
      `-Djava.library.path=${jars}`,
      // a machine that names no locale has Java 17 take texts for ASCII
      "-Dfile.encoding=UTF-8",
      "-cp",
      join(jars, "*"),
      here("./DynamoDbLocal.java"),
    ];
    return served("java", (port) => [...java, String(port)]);
  },
};

/** An independent one, which its makers compare with AWS. */
const dynoxide: Oracle<DynamoDb> = {
  name: "dynoxide",
  version: "1.2.1",
  start: () => {
    const folder = npmPackage(`@dynoxide/${process.platform}-${process.arch}`, "1.2.1");
    return served(join(folder, "dynoxide"), (port) => ["--host", "127.0.0.1", "--port", String(port)]);
  },
};

export const oracles: readonly Oracle<DynamoDb>[] = [dynamoDbLocal, dynoxide];
