// The server that `firebase emulators:start --only auth` starts, without the command around it: no processes of its own, no
// questions to the network about updates and usage.
import apiSpec from 'firebase-tools/lib/emulator/auth/apiSpec.js';
import { createApp } from 'firebase-tools/lib/emulator/auth/server.js';
import { listen } from './listen.mjs';

/** It compiles a validator for each operation that it offers; all 80 take a quarter of a minute. */
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

/** `calls` are the paths that were asked for, in order. */
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
    /** Whether the token is one of an account that is there. The emulator itself does not care when a token expires. */
    async isValid(idToken) {
      const { ok } = await post(`${identity}/v1/accounts:lookup?key=any`, { idToken });
      return ok && expiryOf(idToken) > Date.now();
    },
    /** What the owner of the Firebase project may do. */
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
