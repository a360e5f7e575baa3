import { onTestFinished } from 'vitest';
import { startServer } from '../../src/server/index.js';
/** A server on a free port, for one test. */
export async function useServer(options = {}) {
    const server = await startServer({ port: 0, ...options });
    onTestFinished(() => server.close());
    return server;
}
export function post(server, body, headers = {}, path = 'publish_llm_events') {
    return fetch(`${server.ingestionUrl}/${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-api-key': 'any', ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
    });
}
export function prompt(fields = {}) {
    return { user_id: 'ada', prompt: 'What is a span?', generation: 'A step of a trace.', ...fields };
}
export async function getJson(server, path) {
    const response = await fetch(`${server.url}${path}`);
    if (!response.ok)
        throw new Error(`${path} answered ${response.status}`);
    return (await response.json());
}
