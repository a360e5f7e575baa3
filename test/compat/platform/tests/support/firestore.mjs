// Firestore over REST, composed of foreign parts: Google's definitions and serializer read requests, @firestore-emulator/server keeps
// documents and answers queries over gRPC, and the Auth emulator checks tokens.
import { text } from 'node:stream/consumers';
import { FirestoreServer } from '@firestore-emulator/server';
import { Client, credentials, ServerCredentials, status as codes } from '@grpc/grpc-js';
import { decodeAnswer, encodeArgument, isStream, readRequest } from './firestore-interface.mjs';
import { listen } from './listen.mjs';

const HTTP_STATUS = { INVALID_ARGUMENT: 400, UNAUTHENTICATED: 401, NOT_FOUND: 404, ALREADY_EXISTS: 409 };

/** Starts Firestore. `requests` are `{ method, path, body, status }`, in order. */
export async function startFirestore(auth) {
  const emulator = new FirestoreServer();
  const client = await connect(emulator);
  const call = (name, message) => callWith(client, name, message);
  const requests = [];
  const { port, url, close } = await listen(async (request, response) => {
    const [status, json] = await answer(request, auth, call, requests);
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(json));
  });
  return {
    port,
    url,
    requests,
    async close() {
      await close();
      client.close();
      emulator.stop();
    },
  };
}

async function answer(request, auth, call, requests) {
  const url = new URL(request.url, 'http://localhost');
  const sent = await text(request);
  const seen = { method: request.method, path: url.pathname, body: sent && JSON.parse(sent) };
  requests.push(seen);
  try {
    const token = request.headers.authorization?.replace(/^Bearer /, '');
    if (!(await auth.isValid(token))) throw failure('UNAUTHENTICATED', 'Missing or invalid authentication.');
    const { name, message } = readRequest(seen.method, url, seen.body) ?? {};
    if (!name) throw failure('NOT_FOUND', `nothing at ${seen.method} ${url.pathname}`);
    const answers = await (missing[name]?.(message, call) ?? call(name, message));
    return [(seen.status = 200), answers];
  } catch (error) {
    const status = error.status ?? Object.keys(codes).find((name) => codes[name] === error.code);
    seen.status = HTTP_STATUS[status] ?? 500;
    return [seen.status, { error: { code: seen.status, message: error.details ?? error.message, status } }];
  }
}

/** Translates calls that the emulator lacks to those that it has. */
const missing = {
  async CreateDocument({ parent, collectionId, documentId, document }, call) {
    const database = parent.split('/').slice(0, 4).join('/');
    const update = { ...document, name: `${parent}/${collectionId}/${documentId}` };
    await call('Commit', { database, writes: [{ update, currentDocument: { exists: false } }] });
    return update;
  },

  async ListDocuments({ parent, collectionId, pageSize, pageToken, mask }, call) {
    const answers = await call('RunQuery', { parent, structuredQuery: { from: [{ collectionId }] } });
    const documents = answers.flatMap(({ document }) => document ?? []).toSorted(byName);
    const start = Number(pageToken ?? 0);
    const end = start + Number(pageSize ?? 20);
    return {
      documents: documents.slice(start, end).map((document) => masked(document, mask)),
      ...(end < documents.length && { nextPageToken: String(end) }),
    };
  },
};

function byName(one, other) {
  return one.name < other.name ? -1 : 1;
}

function masked({ fields, ...document }, mask) {
  const isWanted = ([name]) => !mask || mask.fieldPaths.includes(name);
  return { ...document, fields: Object.fromEntries(Object.entries(fields ?? {}).filter(isWanted)) };
}

async function connect(emulator) {
  // `emulator.start()` would listen on all interfaces and on a fixed port.
  const port = await new Promise((resolve, reject) => {
    emulator.server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) =>
      error ? reject(error) : resolve(port),
    );
  });
  return new Client(`127.0.0.1:${port}`, credentials.createInsecure());
}

async function callWith(client, name, message) {
  const path = `/google.firestore.v1.Firestore/${name}`;
  const asIs = (bytes) => bytes;
  const argument = encodeArgument(name, message);
  if (isStream(name)) {
    const answers = await client.makeServerStreamRequest(path, asIs, asIs, argument).toArray();
    return answers.map((bytes) => decodeAnswer(name, bytes));
  }
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(path, asIs, asIs, argument, (error, bytes) =>
      error ? reject(error) : resolve(decodeAnswer(name, bytes)),
    );
  });
}

function failure(status, message) {
  return Object.assign(new Error(message), { status });
}
