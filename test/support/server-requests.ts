import type { RunningServer } from '../../src/server/index.js';

export function post(
  server: Pick<RunningServer, 'ingestionUrl'>,
  body: unknown,
  headers: Record<string, string> = {},
  path = 'publish_llm_events',
): Promise<Response> {
  return fetch(`${server.ingestionUrl}/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': 'any', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

export function prompt(fields: Record<string, unknown> = {}): Record<string, unknown> {
  return { user_id: 'ada', prompt: 'What is a span?', generation: 'A step of a trace.', ...fields };
}

export async function getJson<T = Record<string, unknown>>(server: RunningServer, path: string): Promise<T> {
  const response = await fetch(`${server.url}${path}`);
  if (!response.ok) throw new Error(`${path} answered ${response.status}`);
  return (await response.json()) as T;
}

/** The answer of `GET /api/rejections`. */
export interface RejectionList {
  readonly rejections: readonly {
    readonly path: string;
    readonly status: number;
    readonly detail: unknown;
  }[];
  readonly total: number;
}
