import { randomBytes } from 'node:crypto';
import type { TeamServer } from '../../../src/server/team/start-team.js';

/** Sends a span of one call as OTLP/JSON. */
export function spanRequest(
  { url }: Pick<TeamServer, 'url'>,
  headers: Readonly<Record<string, string>>,
  prompt: string,
  { path = '/v1/traces', ...fields }: { readonly path?: string; readonly parentSpanId?: string } = {},
): Promise<Response> {
  const end = BigInt(Date.now()) * 1_000_000n;
  const attributes = {
    'gen_ai.operation.name': 'chat',
    'gen_ai.request.model': 'gpt-4o',
    'gen_ai.input.messages': JSON.stringify([{ role: 'user', parts: [{ type: 'text', content: prompt }] }]),
    'gen_ai.output.messages': JSON.stringify([
      { role: 'assistant', parts: [{ type: 'text', content: 'answer' }] },
    ]),
  };
  const span = {
    traceId: randomBytes(16).toString('hex'),
    spanId: randomBytes(8).toString('hex'),
    ...fields,
    name: 'chat gpt-4o',
    startTimeUnixNano: String(end - 1_000_000n),
    endTimeUnixNano: String(end),
    attributes: Object.entries(attributes).map(([key, value]) => ({ key, value: { stringValue: value } })),
  };
  return fetch(url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] }),
  });
}
