import { onTestFinished } from 'vitest';
import { MemoryStore, type RecordStore } from '../../src/server/index.js';
import { CredentialRegister } from '../../src/server/security/credentials/credential-register.js';
import { parseKeys, parseTokens } from '../../src/server/security/credentials/parse-variables.js';
import { startTeam, type TeamServer } from '../../src/server/team/start-team.js';
import type { TeamServerOptions } from '../../src/server/team/team-server-options.js';

/** One event of the log. */
export interface LoggedEvent {
  readonly level: string;
  readonly event: string;
  readonly [field: string]: unknown;
}

export interface TestTeam extends TeamServer {
  readonly register: CredentialRegister;
  readonly log: readonly LoggedEvent[];
  /** Sends prompts to the ingestion API. */
  publish(key: string, records: readonly unknown[], path?: string): Promise<Response>;
  /** Reads a path of the server as somebody with a token. */
  read(path: string, token?: string, init?: RequestInit): Promise<Response>;
}

export interface TestTeamOptions extends Partial<TeamServerOptions> {
  /** As in TRUBRICS_SERVER_KEYS. */
  readonly keys?: string;
  /** As in TRUBRICS_SERVER_TOKENS. */
  readonly tokens?: string;
}

/** Two projects, a key for each, a reader of the first one and an administrator of both. */
export const KEYS = 'shop=shop-key,docs=docs-key';
export const TOKENS = 'shop=shop-reader,*:delete=admin';

/** Stores in memory, by project: pass the same to two servers, and they share them. Closed by nobody. */
export function sharedStores(): (project: string) => Promise<RecordStore> {
  const stores = new Map<string, RecordStore>();
  return (project) => {
    const store = stores.get(project) ?? new MemoryStore();
    stores.set(project, store);
    return Promise.resolve(store);
  };
}

/** A server for teams on a free port, over memory, drained when the test has finished. */
export async function useTeam(options: TestTeamOptions = {}): Promise<TestTeam> {
  const { keys = KEYS, tokens = TOKENS, ...given } = options;
  const register = new CredentialRegister();
  register.replace({ keys: parseKeys(keys, 'KEYS'), tokens: parseTokens(tokens, 'TOKENS'), users: [] });
  const log: LoggedEvent[] = [];
  const server = await startTeam({
    port: 0,
    host: '127.0.0.1',
    version: '0.0.0-test',
    openStore: sharedStores(),
    isTransient: () => false,
    register,
    needsKey: true,
    needsReader: true,
    allowedHosts: [],
    basePath: '',
    log: (level, event, fields = {}) => void log.push({ level, event, ...fields }),
    ...given,
  });
  onTestFinished(() => void server.drain(0));
  return {
    ...server,
    register,
    log,
    publish: (key, records, path = '/api/ingestion/publish_llm_events') =>
      fetch(server.url + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-api-key': key },
        body: JSON.stringify(records),
      }),
    read: (path, token = 'admin', init = {}) =>
      fetch(server.url + path, {
        redirect: 'manual',
        ...init,
        headers: { authorization: `Bearer ${token}` },
      }),
  };
}
