import { createServer as createNodeServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import type { Rejection } from '../model/intake/rejections.js';
import { OTLP_PATH } from './paths.js';
import type { RequestEnvironment } from './request-environment.js';

/** Makes an HTTP server of Node.js for a handler. `reject` is called with what is refused before it becomes a request. */
export function createHttpServer(
  handle: (request: Request, environment: RequestEnvironment) => Promise<Response>,
  reject: (refused: Omit<Rejection, 'id'>) => void,
): Server {
  const http = createAdaptorServer({
    fetch: (request, { incoming }) => handle(request, { address: incoming.socket.remoteAddress }),
    createServer: createNodeServer,
    serverOptions: {
      // Cookies of other applications on this machine: browsers send them to every port of a host.
      maxHeaderSize: 64 * 1024,
      headersTimeout: 30_000,
      requestTimeout: 60_000,
      // Longer than clients keep idle connections (undici: 4 s). A request on a connection that was just closed gets no answer.
      keepAliveTimeout: 65_000,
    },
  }) as Server;
  http.on('clientError', (error: NodeJS.ErrnoException & { rawPacket?: Buffer }, socket) => {
    const isHttp2 = error.rawPacket?.subarray(0, 14).toString('latin1') === 'PRI * HTTP/2.0';
    if (isHttp2)
      reject({
        at: new Date().toISOString(),
        path: '/ (HTTP/2)',
        status: 400,
        detail: `HTTP/2 and gRPC are not spoken here: set OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf and send to ${OTLP_PATH}/traces`,
      });
    // The first record of a TLS handshake.
    const isTls = error.rawPacket?.[0] === 0x16 && error.rawPacket[1] === 0x03;
    if (isTls)
      reject({
        at: new Date().toISOString(),
        path: '/ (TLS)',
        status: 400,
        detail: 'TLS is not spoken here: use http://, or let a proxy in front end TLS',
      });
    const status =
      error.code === 'HPE_HEADER_OVERFLOW' ? '431 Request Header Fields Too Large' : '400 Bad Request';
    if (socket.writable) socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\n\r\n`);
    else socket.destroy();
  });
  return http;
}

/** Resolves when the server listens. IPv6 addresses may be in brackets. Rejects with an Error with a `code` such as `EADDRINUSE`. */
export function listen(http: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    http.once('error', reject);
    http.listen({ port, host: host.replace(/^\[(.*)\]$/, '$1') }, () => {
      http.off('error', reject);
      resolve();
    });
  });
}

/** Returns the port of a server that listens at `host`, and a URL under which this machine reaches it. */
export function addressOf(http: Server, host: string): { readonly url: string; readonly port: number } {
  const { port } = http.address() as AddressInfo;
  return { url: `http://${urlHost(host)}:${port}`, port };
}

/** Returns the host part of a URL under which this machine reaches the server. */
function urlHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
}
