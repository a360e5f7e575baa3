import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** The server's reaction to a request. */
export type Reply =
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: string }
  /** Accepts the request and never answers. */
  | 'hang'
  /** Sends the headers of a 200, then one byte every 50 ms without end. */
  | 'drip'
  /** Reads the request and closes the connection without an answer. */
  | 'reset'
  /** Stores the request as a 200 would, then closes the connection without an answer. */
  | 'reset-after-storing'
  /** Sends less than its content-length says, then closes the connection. */
  | 'truncate'
  /** Sends something that is not HTTP. */
  | 'garbage';

/** Chooses the reaction to each request. */
export type Script = (request: ScriptedRequest) => Reply;

export interface ScriptedRequest {
  /** Counts from 1. */
  readonly number: number;
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** The parsed body, if it is a JSON array; otherwise empty. */
  readonly items: readonly Record<string, unknown>[];
  readonly atMs: number;
}

export interface ScriptedServer {
  readonly url: string;
  readonly port: number;
  readonly requests: readonly ScriptedRequest[];
  /** Items of the requests that got a 2xx, or that were stored before a reset, in order of arrival. */
  readonly stored: readonly Record<string, unknown>[];
  readonly openConnections: number;
  /** Replaces the script from the next request on. */
  follow(script: Script): void;
  close(): Promise<void>;
}

export const OK: Reply = { status: 200, body: '{}' };

/** Creates a script that gives the replies in order and repeats the last one. */
export function inTurn(...replies: readonly Reply[]): Script {
  let index = 0;
  return () => replies[Math.min(index++, replies.length - 1)] ?? OK;
}

/** Starts an HTTP server that reacts to each request by a script and keeps all requests. */
export async function startScriptedServer(script: Script = () => OK, port = 0): Promise<ScriptedServer> {
  const requests: ScriptedRequest[] = [];
  const stored: Record<string, unknown>[] = [];
  const sockets = new Set<Socket>();
  let current = script;

  const server = createServer((incoming, response) => {
    void readBody(incoming).then((body) => {
      const request = describe(incoming, body, requests.length + 1);
      requests.push(request);
      const reply = current(request);
      if (stores(reply)) stored.push(...request.items);
      perform(reply, response);
      return undefined;
    });
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const { port: actualPort } = server.address() as AddressInfo;

  return {
    url: `http://127.0.0.1:${actualPort}`,
    port: actualPort,
    requests,
    stored,
    get openConnections() {
      return sockets.size;
    },
    follow(script) {
      current = script;
    },
    close() {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

/** Returns a port on which no server listens. */
export async function closedPort(): Promise<number> {
  const server = await startScriptedServer();
  await server.close();
  return server.port;
}

async function readBody(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
  } catch {
    // The client has closed the connection.
  }
  return Buffer.concat(chunks).toString();
}

function describe(incoming: IncomingMessage, body: string, number: number): ScriptedRequest {
  return {
    number,
    method: incoming.method ?? '',
    path: incoming.url ?? '',
    headers: incoming.headers,
    body,
    items: parseItems(body),
    atMs: performance.now(),
  };
}

function parseItems(body: string): Record<string, unknown>[] {
  try {
    const parsed: unknown = JSON.parse(body);
    return Array.isArray(parsed) ? parsed : [];
  } catch {
    return [];
  }
}

function stores(reply: Reply): boolean {
  if (typeof reply === 'string')
    return reply === 'reset-after-storing' || reply === 'drip' || reply === 'truncate';
  return reply.status >= 200 && reply.status < 300;
}

function perform(reply: Reply, response: ServerResponse): void {
  const { socket } = response;
  if (typeof reply === 'object') {
    response.writeHead(reply.status, reply.headers).end(reply.body);
    return;
  }
  switch (reply) {
    case 'hang':
      return;
    case 'drip': {
      response.writeHead(200, { 'content-type': 'application/json' });
      const timer = setInterval(() => response.write(' '), 50);
      response.on('close', () => clearInterval(timer));
      return;
    }
    case 'reset':
    case 'reset-after-storing':
      socket?.resetAndDestroy();
      return;
    case 'truncate':
      response.writeHead(200, { 'content-length': '1000' });
      response.write('{"half":');
      setTimeout(() => socket?.destroy(), 5);
      return;
    case 'garbage':
      socket?.end('this is not HTTP\r\n\r\n');
      return;
    default: {
      const unreachable: never = reply;
      throw new Error(`unknown reply ${String(unreachable)}`);
    }
  }
}
