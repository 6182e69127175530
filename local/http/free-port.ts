import { createServer } from "node:net";

/**
 * A port that nobody listens on: the preferred one where it is free, else any.
 * Rejects with Node's own error where the host is no address of this machine.
 */
export async function freePort(host: string, preferred: number): Promise<number> {
  try {
    return await listenOnce(host, preferred);
  } catch (error) {
    if (preferred !== 0 && error instanceof Error && "code" in error && error.code === "EADDRINUSE")
      return listenOnce(host, 0);
    throw error;
  }
}

function listenOnce(host: string, port: number): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const probe = createServer().once("error", reject);
  probe.listen(port, host, () => {
    const address = probe.address();
    probe.close(() => resolve(typeof address === "object" && address !== null ? address.port : port));
  });
  return promise;
}
