// A fake model provider: a small HTTP server with OpenAI's API (chat and completions, plain and streamed, tool calls, errors). The
// examples run offline with it and still use the real client libraries. Its answers are fixed.
import { createServer } from 'node:http';

const MODEL = 'gpt-4o-mini-2024-07-18';
const ANSWERS = [
  [/joke/i, 'Why did the span cross the process boundary? To get to the other trace.'],
  [/poem/i, 'A prompt went out at break of day,\nits answer found a shorter way.'],
  [/capital of italy/i, 'Rome.'],
  [/capital of france/i, 'Paris.'],
  [/weather/i, 'It is 18 °C and sunny.'],
  [/opentelemetry/i, 'OpenTelemetry is an open standard for traces, metrics and logs.'],
  [/name/i, 'I am a stand-in for a language model, so I have a port instead of a name.'],
];

/**
 * Starts the server on a free port. `close()` stops it.
 * @returns {Promise<{ url: string, close: () => Promise<void> }>} `url` is what OpenAI clients call the base URL.
 */
export async function startModelServer() {
  const server = createServer((request, response) => {
    answer(request, response).catch((error) => response.writeHead(500).end(String(error)));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The model server has no port.');
  return {
    url: `http://127.0.0.1:${address.port}/v1`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** @param {import('node:http').IncomingMessage} request @param {import('node:http').ServerResponse} response */
async function answer(request, response) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = JSON.parse(Buffer.concat(chunks).toString() || '{}');
  if (request.url?.endsWith('/completions') && !request.url.endsWith('/chat/completions'))
    return complete(body, response);
  const question = lastQuestion(body.messages ?? []);
  if (/overload/i.test(question)) return fail(response, 429, 'The model is overloaded.');
  const message = messageFor(body, question);
  return body.stream ? stream(body, message, response) : send(response, chatCompletion(body, message));
}

function complete(body, response) {
  const prompts = [body.prompt].flat();
  const choices = prompts.map((prompt, index) => ({
    index,
    text: answerTo(prompt),
    finish_reason: 'stop',
    logprobs: null,
  }));
  send(response, {
    id: 'cmpl-demo',
    object: 'text_completion',
    created: now(),
    model: `${body.model}:20240718`,
    choices,
    usage: usageOf(prompts.join(' '), choices.map((choice) => choice.text).join(' ')),
  });
}

function messageFor(body, question) {
  const last = body.messages.at(-1);
  const tool = body.tools?.[0]?.function?.name;
  if (tool && last.role === 'user' && /weather/i.test(question)) {
    const city = /in (\p{L}+)/u.exec(question)?.[1] ?? 'Zürich';
    const call = {
      id: 'call_1',
      type: 'function',
      function: { name: tool, arguments: JSON.stringify({ city }) },
    };
    return { role: 'assistant', content: null, tool_calls: [call] };
  }
  return { role: 'assistant', content: answerTo(question) };
}

function chatCompletion(body, message) {
  return {
    id: 'chatcmpl-demo',
    object: 'chat.completion',
    created: now(),
    model: MODEL,
    choices: [{ index: 0, message, finish_reason: message.tool_calls ? 'tool_calls' : 'stop' }],
    usage: usageOf(JSON.stringify(body.messages), JSON.stringify(message)),
  };
}

async function stream(body, message, response) {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const chunk = (delta, finish_reason = null, usage) => {
    const choices = usage ? [] : [{ index: 0, delta, finish_reason }];
    const event = {
      id: 'chatcmpl-demo',
      object: 'chat.completion.chunk',
      created: now(),
      model: MODEL,
      choices,
      usage,
    };
    response.write(`data: ${JSON.stringify(event)}\n\n`);
  };
  chunk({ role: 'assistant', content: '' });
  for (const word of message.content?.split(/(?<= )/) ?? []) {
    await new Promise((resolve) => setTimeout(resolve, 15));
    chunk({ content: word });
  }
  if (message.tool_calls)
    chunk({ tool_calls: message.tool_calls.map((call, index) => ({ index, ...call })) });
  chunk({}, message.tool_calls ? 'tool_calls' : 'stop');
  if (body.stream_options?.include_usage)
    chunk({}, null, usageOf(JSON.stringify(body.messages), JSON.stringify(message)));
  response.end('data: [DONE]\n\n');
}

function lastQuestion(messages) {
  const asked = messages.findLast((message) => message.role === 'user');
  const content = asked?.content ?? '';
  return typeof content === 'string' ? content : content.map((part) => part.text ?? '').join(' ');
}

function answerTo(question) {
  return (
    ANSWERS.find(([pattern]) => pattern.test(question))?.[1] ??
    `You asked: "${question}". I can only answer a few questions.`
  );
}

/** Estimates tokens at four characters each, as for English text with OpenAI's models. */
function usageOf(input, output) {
  const prompt_tokens = Math.ceil(input.length / 4);
  const completion_tokens = Math.ceil(output.length / 4);
  return { prompt_tokens, completion_tokens, total_tokens: prompt_tokens + completion_tokens };
}

function send(response, body) {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function fail(response, status, message) {
  const error = { message, type: 'requests', code: 'rate_limit_exceeded', param: null };
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ error }));
}

function now() {
  return Math.floor(Date.now() / 1000);
}
