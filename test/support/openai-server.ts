import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One request that the server received. */
export interface OpenAiRequest {
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  /** The parsed JSON. Not validated. */
  readonly body: Record<string, unknown>;
}

export interface OpenAiServerOptions {
  /** Error status for all requests. Default: none. */
  readonly status?: number;
  /** Number of requests that get `status`. Default: all. */
  readonly failures?: number;
  /** Milliseconds before an answer, and between two chunks of a stream. */
  readonly delayMs?: number;
}

export interface OpenAiServer {
  /** For `configuration.baseURL`; ends in `/v1`. */
  readonly url: string;
  /** In the order of arrival. */
  readonly requests: readonly OpenAiRequest[];
  close(): Promise<void>;
}

/** Returns the name of the answering model, which always differs from the requested one. */
export function answeringModel(asked: string): string {
  return `${asked}-2024-07-18`;
}

/** Returns the server's answer to a prompt. Choice 0 is the only one unless the request has `n`. */
export function answerTo(prompt: string, choice = 0): string {
  return choice === 0 ? `Answer to: ${prompt}` : `Answer ${choice} to: ${prompt}`;
}

/** The usage of every answer: prompt 10 (4 cached), completion 5 (2 reasoning). */
export const USAGE = {
  prompt_tokens: 10,
  completion_tokens: 5,
  total_tokens: 15,
  prompt_tokens_details: { cached_tokens: 4 },
  completion_tokens_details: { reasoning_tokens: 2 },
};

/**
 * Starts a local server that answers like OpenAI: chat completions (plain, streamed, with tools, `n`), text completions, errors.
 *
 * The answer depends on the prompt: see {@link answerTo}. For a prompt such as "use <tool>", the answer is a call of the first tool of the
 * request, `{"input": <prompt>}`, unless the conversation already has a tool result.
 */
export async function startOpenAiServer(options: OpenAiServerOptions = {}): Promise<OpenAiServer> {
  const requests: OpenAiRequest[] = [];
  const server = createServer((request, response) => {
    handle(request, response, options, requests).catch((error: unknown) => {
      response.destroy(error instanceof Error ? error : new Error(String(error)));
    });
  });
  // Never by itself: on a busy machine, a client would meet a connection that is closed after five idle seconds, and repeat its request.
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/v1`,
    requests,
    close: () =>
      new Promise((resolve, reject) => {
        server.closeAllConnections();
        server.close((error) => (error ? reject(error) : resolve()));
      }),
  };
}

async function handle(
  request: IncomingMessage,
  response: ServerResponse,
  { status, failures = Infinity, delayMs = 0 }: OpenAiServerOptions,
  requests: OpenAiRequest[],
): Promise<void> {
  const body = await readJson(request);
  const path = request.url ?? '';
  requests.push({ path, headers: request.headers, body });
  await sleep(delayMs);
  if (status !== undefined && requests.length <= failures) return sendError(response, status);
  const [pathname] = path.split('?');
  if (pathname === '/v1/completions') return sendJson(response, 200, textCompletion(body));
  if (pathname !== '/v1/chat/completions') return sendError(response, 404);
  const id = `chatcmpl-${requests.length}`;
  if (body['stream'] === true) return sendStream(response, body, id, delayMs);
  return sendJson(response, 200, chatCompletion(body, id));
}

interface Choice {
  readonly content: string | null;
  readonly toolCalls: readonly Record<string, unknown>[] | undefined;
  readonly finishReason: string;
}

function choiceFor(body: Record<string, unknown>, index: number): Choice {
  const messages = body['messages'] as { role: string; content: unknown }[];
  const prompt = textOf(messages.findLast(({ role }) => role === 'user')?.content);
  const tools = (body['tools'] ?? []) as { function: { name: string } }[];
  const answered = messages.some(({ role }) => role === 'tool');
  const tool = tools[0];
  if (!tool || answered || !/\buse\b/i.test(prompt)) {
    return { content: answerTo(prompt, index), toolCalls: undefined, finishReason: 'stop' };
  }
  const call = {
    id: 'call_1',
    type: 'function',
    function: { name: tool.function.name, arguments: JSON.stringify({ input: prompt }) },
  };
  return { content: null, toolCalls: [call], finishReason: 'tool_calls' };
}

function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content.map((part: { text?: string }) => part.text ?? '').join('');
}

function envelope(body: Record<string, unknown>, object: string, id: string) {
  return {
    id,
    object,
    created: 1,
    model: answeringModel(String(body['model'])),
    system_fingerprint: 'fp_1',
  };
}

function chatCompletion(body: Record<string, unknown>, id: string) {
  const choices = Array.from({ length: Number(body['n'] ?? 1) }, (_, index) => {
    const { content, toolCalls, finishReason } = choiceFor(body, index);
    return {
      index,
      finish_reason: finishReason,
      message: { role: 'assistant', content, ...(toolCalls && { tool_calls: toolCalls }) },
    };
  });
  return { ...envelope(body, 'chat.completion', id), choices, usage: USAGE };
}

function textCompletion(body: Record<string, unknown>) {
  const prompts = [body['prompt']].flat() as string[];
  const choices = prompts.map((prompt, index) => ({
    index,
    text: answerTo(prompt),
    finish_reason: 'stop',
    logprobs: null,
  }));
  return { ...envelope(body, 'text_completion', 'cmpl-1'), choices, usage: USAGE };
}

async function sendStream(
  response: ServerResponse,
  body: Record<string, unknown>,
  id: string,
  delayMs: number,
): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const base = envelope(body, 'chat.completion.chunk', id);
  const { content, toolCalls, finishReason } = choiceFor(body, 0);
  const pieces = content === null ? [] : (content.match(/\S+\s*/g) ?? []);
  const deltas: Record<string, unknown>[] = [
    { role: 'assistant', content: '' },
    ...(toolCalls ?? []).map((call, index) => ({ tool_calls: [{ index, ...call }] })),
    ...pieces.map((piece) => ({ content: piece })),
  ];
  for (const delta of deltas) {
    send(response, { ...base, choices: [{ index: 0, delta, finish_reason: null }] });
    await sleep(delayMs);
  }
  send(response, { ...base, choices: [{ index: 0, delta: {}, finish_reason: finishReason }] });
  send(response, { ...base, choices: [], usage: USAGE });
  response.end('data: [DONE]\n\n');
}

function send(response: ServerResponse, event: unknown): void {
  if (!response.destroyed) response.write(`data: ${JSON.stringify(event)}\n\n`);
}

const ERRORS: Record<number, { type: string; code: string }> = {
  404: { type: 'invalid_request_error', code: 'model_not_found' },
  429: { type: 'requests', code: 'rate_limit_exceeded' },
};

function sendError(response: ServerResponse, status: number): void {
  const { type, code } = ERRORS[status] ?? { type: 'server_error', code: 'internal_error' };
  sendJson(response, status, { error: { message: `Refused with ${status}`, type, code, param: null } });
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

async function readJson(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return JSON.parse(Buffer.concat(chunks).toString() || '{}') as Record<string, unknown>;
}

function sleep(ms: number): Promise<void> | undefined {
  return ms > 0 ? new Promise((resolve) => setTimeout(resolve, ms)) : undefined;
}
