import type { Environment } from '../../common/options/environment.js';
import { VIEW_PATHS } from '../../server/http/view-paths.js';
import { DEFAULT_PORT } from '../../server/http/start-server.js';
import { isQueryParameter } from '../../server/query/parse-query.js';
import { projectPath } from '../../server/team/team-environment.js';
import { CommandError } from '../command-error.js';

/** Server that a command works on if none is named: that of `dev`. */
export const LOCAL_SERVER = `http://127.0.0.1:${DEFAULT_PORT}`;

/** Variable with the token of a reader. */
export const READER_TOKEN = 'TRUBRICS_TOKEN';

/** Server that a command reads from or changes. */
export interface ServerChoice {
  /** Address of the server, with the path of its project, without a slash at its end. */
  readonly base: string;
  /** From the environment: {@link READER_TOKEN}. */
  readonly token?: string;
  /** Filters in the address, if it is that of a page. */
  readonly filters: URLSearchParams;
}

/** Options with which a command names its server. */
export interface GivenServer {
  /** Name of the option, for messages. */
  readonly option: string;
  /** Default: the variable `TRUBRICS_HOST`, else {@link LOCAL_SERVER}. */
  readonly address: string | undefined;
  /** Default: the project in the address. */
  readonly project: string | undefined;
}

/** @throws CommandError if the address is none */
export function readServer(given: GivenServer, environment: Environment): ServerChoice {
  const text = given.address ?? (environment['TRUBRICS_HOST'] || LOCAL_SERVER);
  const address = readServerAddress(text);
  if (!address)
    throw new CommandError(
      `${given.option} must be the address of a server, for instance ${LOCAL_SERVER}, not "${text}"`,
      2,
    );
  const { server, params, project: inAddress } = address;
  const project = given.project ?? inAddress;
  const token = environment[READER_TOKEN] || undefined;
  return {
    base: project === undefined ? server : server + projectPath(encodeURIComponent(project)),
    ...(token !== undefined && { token }),
    filters: new URLSearchParams([...params].filter(([name]) => isQueryParameter(name))),
  };
}

/** An address that somebody copied from a browser or from a setting. */
interface ServerAddress {
  /** Address of the server, without a slash at its end. */
  readonly server: string;
  /** The project in the path of the page, or in that of the API. */
  readonly project?: string;
  readonly params: URLSearchParams;
}

/** Reads the address of a page, with its project, view and filters, or that of an API. Undefined: it is no address. */
export function readServerAddress(text: string): ServerAddress | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') return undefined;
  const path = withoutView(url.pathname.replace(/\/api(?:\/.*)?$/, '').replace(/\/+$/, ''));
  const [, base = path, project] = /^(.*)\/p\/([^/]+)$/.exec(path) ?? [];
  return {
    server: url.origin + base,
    ...(project !== undefined && { project: decodeURIComponent(project) }),
    params: url.searchParams,
  };
}

function withoutView(path: string): string {
  const view = VIEW_PATHS.find((name) => name !== '/' && path.endsWith(name));
  return view === undefined ? path : path.slice(0, -view.length);
}
