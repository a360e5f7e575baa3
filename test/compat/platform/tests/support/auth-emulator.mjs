// The server that `firebase emulators:start --only auth` starts, without the command: no child processes, no requests about updates
// and usage.
import apiSpec from 'firebase-tools/lib/emulator/auth/apiSpec.js';
import { createApp } from 'firebase-tools/lib/emulator/auth/server.js';
import { listen } from './listen.mjs';

/** Operations to serve. The emulator compiles a validator for each; all 80 take 15 s. */
const USED = [
  '/v1/accounts:delete',
  '/v1/accounts:lookup',
  '/v1/accounts:signInWithPassword',
  '/v1/accounts:signUp',
  '/v1/accounts:update',
  '/v1/projects/{targetProjectId}/accounts:update',
  '/v1/token',
  '/v2/projects/{targetProjectId}/config',
];

/** Starts the emulator. `calls` are the requested paths, in order. */
export async function startAuthEmulator(projectId) {
  const { paths } = apiSpec.default;
  for (const path of Object.keys(paths)) if (!USED.includes(path)) delete paths[path];
  const app = await createApp(projectId);
  const calls = [];
  const { url, close } = await listen((request, response) => {
    calls.push(new URL(request.url, 'http://localhost').pathname);
    app(request, response);
  });
  const identity = `${url}/identitytoolkit.googleapis.com`;

  return {
    url,
    identity,
    token: `${url}/securetoken.googleapis.com`,
    calls,
    close,
    /** Returns whether the token belongs to an existing account. The emulator itself ignores when a token expires. */
    async isValid(idToken) {
      const { ok } = await post(`${identity}/v1/accounts:lookup?key=any`, { idToken });
      return ok && expiryOf(idToken) > Date.now();
    },
    /** Sends a request that only the owner of the Firebase project may send. */
    administer: (method, path, body) =>
      asOwner(`${identity}/${path.replace('{project}', projectId)}`, method, body),
  };
}

function expiryOf(idToken) {
  const claims = Buffer.from(idToken.split('.')[1], 'base64url');
  return JSON.parse(claims).exp * 1_000;
}

async function asOwner(url, method, body) {
  const response = await post(url, body, method, { authorization: 'Bearer owner' });
  if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${await response.text()}`);
}

function post(url, body, method = 'POST', headers = {}) {
  return fetch(url, {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
}
