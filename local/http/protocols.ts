import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import {
  createServer as createHttp2Server,
  type Http2ServerRequest,
  type Http2ServerResponse,
} from "node:http2";
import { createServer as createTcpServer, type Socket } from "node:net";

export type Handler = (request: IncomingMessage, response: ServerResponse) => void;

export type ProtocolServer = {
  /** Resolves with the port once it listens; 0 takes any free one. Rejects with the system's error. */
  listen(port: number, host: string): Promise<number>;
  /** Stops listening and ends every connection, also one that waits. */
  close(): Promise<void>;
};

/** What an HTTP/2 client says first (https://www.rfc-editor.org/rfc/rfc9113#section-3.4); no method begins so. */
const PREFACE = "PRI";

/**
 * A server that speaks HTTP/1.1 and, to clients that begin with it, HTTP/2 without TLS on the same port: the SDK's
 * client for Kinesis does that to an `http:` endpoint by default.
 * @param keepAliveMs - how long an HTTP/1.1 connection that is not used stays open
 */
export function protocolServer(handler: Handler, keepAliveMs: number): ProtocolServer {
  const http1 = createServer(handler);
  http1.keepAliveTimeout = keepAliveMs;
  // a long poll (the Lambda runtime API) may stay open for as long as it likes
  http1.requestTimeout = 0;
  const http2 = createHttp2Server((request, response) => handler(...asHttp1(request, response)));
  const open = new Set<Socket>();
  const front = createTcpServer((socket) => {
    open.add(socket);
    socket.once("close", () => open.delete(socket));
    // it may end before it says anything; afterwards the protocol's own server listens, too
    socket.on("error", () => socket.destroy());
    socket.once("data", (chunk: Buffer) => {
      socket.pause();
      socket.unshift(chunk);
      if (chunk.toString("latin1", 0, PREFACE.length) === PREFACE) {
        http2.emit("connection", socket);
      } else {
        http1.emit("connection", socket);
        socket.resume();
      }
    });
  });
  return {
    listen: (port, host) => {
      const { promise, resolve, reject } = Promise.withResolvers<number>();
      front.once("error", reject);
      front.listen(port, host, () => {
        front.off("error", reject);
        const address = front.address();
        resolve(typeof address === "object" && address !== null ? address.port : port);
      });
      return promise;
    },
    close: () => {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      front.close((error) => (error === undefined ? resolve() : reject(error)));
      for (const socket of open) socket.destroy();
      return promise;
    },
  };
}

/** An HTTP/2 request as a handler of HTTP/1.1 knows it: with a host, and without the headers that begin with a colon. */
function asHttp1(
  request: Http2ServerRequest,
  response: Http2ServerResponse,
): [IncomingMessage, ServerResponse] {
  const named = Object.entries(request.headers).filter(([name]) => !name.startsWith(":"));
  const host = request.headers.host ?? request.authority;
  // method and path are read from the headers as they came, so that these go beside them
  Object.defineProperty(request, "headers", { value: { ...Object.fromEntries(named), host } });
  return [request as unknown as IncomingMessage, response as unknown as ServerResponse];
}
