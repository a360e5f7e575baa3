import { ChatOpenAI } from '@langchain/openai';
import type { OpenAiServer } from './openai-server.js';

/** A real `ChatOpenAI` that asks a local server and does not retry. */
export function openAiModel({ url }: OpenAiServer, fields: Record<string, unknown> = {}): ChatOpenAI {
  return new ChatOpenAI({
    apiKey: 'test',
    model: 'gpt-4o-mini',
    maxRetries: 0,
    configuration: { baseURL: url },
    ...fields,
  });
}
