import { onTestFinished } from 'vitest';
import { type Script, type ScriptedServer, startScriptedServer } from './scripted-server.js';

/** A real HTTP server that answers by a script, closed when the test has finished. */
export async function useScriptedServer(script?: Script, port?: number): Promise<ScriptedServer> {
  const server = await startScriptedServer(script, port);
  onTestFinished(() => server.close());
  return server;
}
