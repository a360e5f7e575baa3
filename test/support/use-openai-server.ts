import { onTestFinished } from 'vitest';
import { type OpenAiServer, type OpenAiServerOptions, startOpenAiServer } from './openai-server.js';

/** A local server that answers like OpenAI, closed when the test has finished. */
export async function useOpenAiServer(options?: OpenAiServerOptions): Promise<OpenAiServer> {
  const server = await startOpenAiServer(options);
  onTestFinished(() => server.close());
  return server;
}
