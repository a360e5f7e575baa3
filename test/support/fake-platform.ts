import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** A stored document: its path below the database, and its fields as they were sent. */
export interface FakeDocument {
  readonly path: string;
  readonly fields: Record<string, unknown>;
}

export interface FakeCall {
  readonly method: string;
  readonly path: string;
  readonly status: number;
}

export interface FakePlatform {
  readonly endpoints: { readonly identity: string; readonly token: string; readonly firestore: string };
  readonly documents: ReadonlyMap<string, FakeDocument>;
  readonly calls: readonly FakeCall[];
  /** Faults of the next document writes, in order; `undefined` is a write that succeeds. */
  readonly faults: (
    ('reset-after-saving' | { readonly status: number; readonly body?: unknown }) | undefined
  )[];
  /** Called first for each request. If it returns a response, the server sends that one. */
  intercept: ((path: string) => { readonly status: number; readonly body?: unknown } | undefined) | undefined;
  /** True if the account belongs to an organisation. */
  hasOrganisation: boolean;
  password: string;
  tokenLifetimeS: number;
  addProject(name: string, archived?: boolean): void;
  /** Refuses all tokens issued so far. */
  revokeTokens(): void;
  revokeRefreshTokens(): void;
  close(): Promise<void>;
}

export const EMAIL = 'ada@example.com';
export const FIREBASE_KEY = 'fake-web-key';
const DATABASE = 'projects/trubrics-streamlit/databases/(default)/documents';

/**
 * Starts the part of Firebase's REST interface that the first Trubrics platform uses, in memory. Written from Google's reference, not from
 * our client.
 */
export async function startFakePlatform(organisation = 'org-1'): Promise<FakePlatform> {
  const organisationPath = `${DATABASE}/organisations/${organisation}`;
  const documents = new Map<string, FakeDocument>();
  const calls: FakeCall[] = [];
  const faults: FakePlatform['faults'] = [];
  const sockets = new Set<Socket>();
  let validTokens = new Set<string>();
  let validRefreshTokens = new Set<string>();
  let issued = 0;

  const put = (path: string, fields: Record<string, unknown>) => documents.set(path, { path, fields });
  put(organisationPath, { users: { arrayValue: { values: [{ stringValue: EMAIL }] } } });

  const server = createServer((request, response) => {
    void readBody(request).then((body) => {
      const url = new URL(request.url ?? '', 'http://fake');
      const answer = (status: number, json: unknown): void => {
        calls.push({ method: request.method ?? '', path: url.pathname, status });
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(json));
      };
      const intercepted = platform.intercept?.(url.pathname);
      if (intercepted) {
        answer(intercepted.status, intercepted.body ?? {});
      } else if (url.pathname.startsWith('/identity/') || url.pathname.startsWith('/token/')) {
        authenticate(url, request, body, answer);
      } else if (!validTokens.has((request.headers.authorization ?? '').replace('Bearer ', ''))) {
        answer(401, {
          error: { code: 401, message: 'Missing or invalid authentication.', status: 'UNAUTHENTICATED' },
        });
      } else {
        serveFirestore(url, request, body, answer, response);
      }
      return undefined;
    });
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const platform: FakePlatform = {
    endpoints: { identity: `${base}/identity`, token: `${base}/token`, firestore: `${base}/firestore` },
    documents,
    calls,
    faults,
    intercept: undefined,
    hasOrganisation: true,
    password: 'correct horse',
    tokenLifetimeS: 3_600,
    addProject(name, archived = false) {
      put(`${organisationPath}/projects/${name}`, { archived: { booleanValue: archived } });
      put(`${organisationPath}/projects/${name}/feedback/default`, { archived: { booleanValue: false } });
    },
    revokeTokens: () => (validTokens = new Set()),
    revokeRefreshTokens: () => (validRefreshTokens = new Set()),
    close() {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
  platform.addProject('default');
  return platform;

  function issue(): { token: string; refresh: string } {
    const token = `token-${++issued}`;
    const refresh = `refresh-${issued}`;
    validTokens.add(token);
    validRefreshTokens.add(refresh);
    return { token, refresh };
  }

  function authenticate(
    url: URL,
    request: IncomingMessage,
    body: string,
    answer: (status: number, json: unknown) => void,
  ): void {
    if (url.searchParams.get('key') !== FIREBASE_KEY) {
      return answer(400, {
        error: {
          code: 400,
          message: 'API key not valid. Please pass a valid API key.',
          status: 'INVALID_ARGUMENT',
        },
      });
    }
    const expiresIn = String(platform.tokenLifetimeS);
    if (url.pathname === '/identity/v1/accounts:signInWithPassword') {
      const { email: given, password, returnSecureToken } = JSON.parse(body) as Record<string, unknown>;
      const email = String(given).toLowerCase();
      if (email !== EMAIL) return answer(400, { error: { code: 400, message: 'EMAIL_NOT_FOUND' } });
      if (password !== platform.password)
        return answer(400, { error: { code: 400, message: 'INVALID_PASSWORD' } });
      const { token, refresh } = issue();
      // Without returnSecureToken there is neither a refresh token nor a lifetime.
      return answer(200, {
        idToken: token,
        email,
        localId: 'uid',
        ...(returnSecureToken === true && { refreshToken: refresh, expiresIn }),
      });
    }
    if (
      url.pathname === '/token/v1/token' &&
      request.headers['content-type'] === 'application/x-www-form-urlencoded'
    ) {
      const form = new URLSearchParams(body);
      if (
        form.get('grant_type') !== 'refresh_token' ||
        !validRefreshTokens.has(form.get('refresh_token') ?? '')
      ) {
        return answer(400, {
          error: { code: 400, message: 'INVALID_REFRESH_TOKEN', status: 'INVALID_ARGUMENT' },
        });
      }
      const { token, refresh } = issue();
      return answer(200, {
        id_token: token,
        refresh_token: refresh,
        expires_in: expiresIn,
        token_type: 'Bearer',
      });
    }
    return answer(404, {});
  }

  function serveFirestore(
    url: URL,
    request: IncomingMessage,
    body: string,
    answer: (status: number, json: unknown) => void,
    response: ServerResponse,
  ): void {
    const path = decodeURIComponent(url.pathname.replace('/firestore/v1/', ''));
    if (path === `${DATABASE}:runQuery`) {
      const email = (JSON.parse(body) as Query).structuredQuery.where.fieldFilter.value.stringValue;
      const isFound = email === EMAIL && platform.hasOrganisation;
      return answer(200, [isFound ? { document: { name: organisationPath } } : { readTime: 'now' }]);
    }
    if (request.method === 'GET') return answer(200, list(path, url.searchParams));
    const fault = faults.shift();
    if (typeof fault === 'object') return answer(fault.status, fault.body ?? {});
    const id = url.searchParams.get('documentId') ?? `auto-${documents.size}`;
    const name = `${path}/${id}`;
    if (documents.has(name)) {
      return answer(409, {
        error: { code: 409, message: `Document already exists: ${name}`, status: 'ALREADY_EXISTS' },
      });
    }
    const { fields } = JSON.parse(body) as FakeDocument;
    put(name, fields);
    if (fault === 'reset-after-saving') return void response.socket?.resetAndDestroy();
    return answer(200, { name, fields });
  }

  function list(path: string, query: URLSearchParams): unknown {
    const inside = [...documents.values()].filter(
      (document) =>
        document.path.startsWith(`${path}/`) && !document.path.slice(path.length + 1).includes('/'),
    );
    const start = Number(query.get('pageToken') ?? 0);
    const end = start + Number(query.get('pageSize') ?? 100);
    const page = inside
      .slice(start, end)
      .map((document) => ({ name: document.path, fields: document.fields }));
    // An empty collection is an empty object.
    return {
      ...(page.length > 0 && { documents: page }),
      ...(end < inside.length && { nextPageToken: String(end) }),
    };
  }
}

interface Query {
  readonly structuredQuery: {
    readonly where: { readonly fieldFilter: { readonly value: { readonly stringValue: string } } };
  };
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
