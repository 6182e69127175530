import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { S3Client } from "@aws-sdk/client-s3";
import type { Oracle, Party } from "../harness/case.ts";
import { machine } from "../harness/machine.ts";
import { freePort, installed, run, startServer } from "../harness/oracle-process.ts";

const ACCESS_KEY = "conformance";
const SECRET_KEY = "conformance-secret";

/** A client that signs with the keys that every stand-in is started with, and sees each answer as it is. */
export function clientOf(url: string, close: () => Promise<void>): Party<S3Client> {
  const client = new S3Client({
    endpoint: url,
    region: "us-east-1",
    forcePathStyle: true,
    maxAttempts: 1,
    credentials: { accessKeyId: ACCESS_KEY, secretAccessKey: SECRET_KEY },
  });
  return {
    client,
    close: async () => {
      client.destroy();
      await close();
    },
  };
}

/** A gateway in Go that makes S3 of a file system, and checks signatures. */
const versitygw: Oracle<S3Client> = {
  name: "versitygw",
  version: "1.8.0",
  needs: ["go"],
  start: async () => {
    const module = "github.com/versity/versitygw/cmd/versitygw@v1.8.0";
    const bin = installed("versitygw-1.8.0", (folder) =>
      run("go", ["install", module], { ...machine, GOBIN: folder }),
    );
    const data = mkdtempSync(join(tmpdir(), "conformance-s3-"));
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const keys = ["--access", ACCESS_KEY, "--secret", SECRET_KEY];
    const args = ["--port", `127.0.0.1:${port}`, ...keys, "--quiet", "posix", data];
    const server = await startServer(url, join(bin, "versitygw"), args);
    return clientOf(url, async () => {
      await server.close();
      rmSync(data, { recursive: true, force: true });
    });
  },
};

/** A mock of AWS in Python. */
const moto: Oracle<S3Client> = {
  name: "moto",
  version: "5.2.5",
  needs: ["python3"],
  start: async () => {
    const venv = installed("moto-5.2.5-s3", (folder) => {
      run("python3", ["-m", "venv", folder]);
      run(join(folder, "bin", "python"), ["-m", "pip", "install", "-q", "moto[s3,server]==5.2.5"]);
    });
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const python = join(venv, "bin", "python");
    const args = ["-m", "moto.server", "-H", "127.0.0.1", "-p", String(port)];
    const server = await startServer(url, python, args);
    return clientOf(url, () => server.close());
  },
};

export const oracles: readonly Oracle<S3Client>[] = [versitygw, moto];
