import type { Environment } from '../../common/options/environment.js';
import { environmentVariable } from '../../common/options/environment.js';
import { parseClickHouseUrl } from '../../server/engines/clickhouse/client/clickhouse-client.js';
import { CommandError } from '../command-error.js';
import { firstSentence } from '../first-sentence.js';

/** Engine that keeps the records. */
export type StoreChoice =
  | { readonly kind: 'clickhouse'; readonly url: string; readonly shown: string }
  | { readonly kind: 'file'; readonly path: string; readonly shown: string }
  | { readonly kind: 'memory'; readonly shown: string }
  | { readonly kind: 'none'; readonly shown: string };

export const STORE_PASSWORD = 'TRUBRICS_SERVER_STORE_PASSWORD';

const FORMS = 'clickhouse://user@host:8123/database, memory, file:PATH, or none with --forward-to';
/** Port of the native protocol, which other clients of ClickHouse use. */
const NATIVE_PORTS = new Set(['9000', '9440']);

/**
 * Reads `--store`. `source` is the option or variable that it came from.
 *
 * @throws CommandError that never repeats a password
 */
export function parseStore(text: string | undefined, source: string, environment: Environment): StoreChoice {
  if (text === undefined)
    throw new CommandError(
      `Say where records are kept: --store ${FORMS}. The variable TRUBRICS_SERVER_STORE does the same`,
      2,
    );
  if (text === 'memory' || text === 'none') return { kind: text, shown: text };
  if (text.startsWith('file:')) return fileStore(text, source);
  if (/^(?:clickhouses?|https?):/.test(text)) return clickHouseStore(text, source, environment);
  throw new CommandError(`${source} must be ${FORMS}${advice(text)}`, 2);
}

function fileStore(text: string, source: string): StoreChoice {
  // `file:///data/records.jsonl` is a URL, `file:records.jsonl` a path.
  const path = text.replace(/^file:(?:\/\/(?=\/))?/, '');
  if (path === '' || path.endsWith('/'))
    throw new CommandError(`${source} needs the path of a file, for instance file:trubrics.jsonl`, 2);
  return { kind: 'file', path, shown: `file:${path}` };
}

function clickHouseStore(text: string, source: string, environment: Environment): StoreChoice {
  let url: URL;
  try {
    parseClickHouseUrl(text);
    url = new URL(text);
  } catch (error) {
    throw new CommandError(`${source}: ${firstSentence(error) ?? 'wrong address'}`, 2);
  }
  if (NATIVE_PORTS.has(url.port))
    throw new CommandError(
      `${source}: port ${url.port} is that of the native protocol of ClickHouse. Name the port of its HTTP interface, usually 8123 (8443 with TLS, clickhouses://)`,
      2,
    );
  const tlsPort = { 'clickhouse:': '8443', 'http:': '8443', 'clickhouses:': '8123', 'https:': '8123' }[
    url.protocol
  ];
  if (url.port === tlsPort)
    throw new CommandError(
      `${source}: port ${url.port} of ClickHouse is the one ${url.port === '8443' ? 'with TLS: write clickhouses://' : 'without TLS: write clickhouse://'}`,
      2,
    );
  const password = environmentVariable(STORE_PASSWORD, environment);
  if (password !== undefined) url.password = encodeURIComponent(password);
  const withPassword = url.href;
  url.password = '';
  return { kind: 'clickhouse', url: withPassword, shown: url.href };
}

/** Says what may have been meant. Nothing else is repeated, because it may hold a password. */
function advice(text: string): string {
  if (/^(?:tcp|native):/.test(text)) return '. ClickHouse is spoken to over its HTTP interface';
  if (/\.jsonl?$/.test(text)) return `. Did you mean file:${text}?`;
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(text)?.[1];
  return scheme === undefined ? '' : `. There is no engine for "${scheme}:"`;
}
