import { onTestFinished } from 'vitest';
import { startServer, type RunningServer, type StartServerOptions } from '../../src/server/index.js';

/** A local Trubrics on a free port, closed when the test has finished. */
export async function useServer(options: StartServerOptions = {}): Promise<RunningServer> {
  const server = await startServer({ port: 0, ...options });
  onTestFinished(() => server.close());
  return server;
}
