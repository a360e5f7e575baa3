import { OUTGOING_ARGUMENTS } from '../options/outgoing-options.js';
import type { ArgumentSpec } from '../options/read-arguments.js';
import { SERVER_ARGUMENTS } from '../options/read-server-options.js';

/** Options of `serve`. `docs/fleet.md` explains them. */
export const SERVE_ARGUMENTS = {
  store: { type: 'string', env: 'TRUBRICS_SERVER_STORE' },
  port: { type: 'string', env: 'TRUBRICS_SERVER_PORT' },
  host: { type: 'string', env: 'TRUBRICS_SERVER_HOST' },
  keys: { type: 'string', env: 'TRUBRICS_SERVER_KEYS_FILE' },
  quota: { type: 'string', env: 'TRUBRICS_SERVER_QUOTA' },
  'user-header': { type: 'string', env: 'TRUBRICS_SERVER_USER_HEADER' },
  'trusted-proxy': { type: 'string', multiple: true, env: 'TRUBRICS_SERVER_TRUSTED_PROXIES' },
  'may-read': { type: 'string', multiple: true, env: 'TRUBRICS_SERVER_MAY_READ' },
  'may-delete': { type: 'string', multiple: true, env: 'TRUBRICS_SERVER_MAY_DELETE' },
  'may-edit': { type: 'string', multiple: true, env: 'TRUBRICS_SERVER_MAY_EDIT' },
  'forward-to': { type: 'string', env: 'TRUBRICS_SERVER_FORWARD_TO' },
  'allow-host': { type: 'string', multiple: true, env: 'TRUBRICS_SERVER_ALLOW_HOSTS' },
  'base-path': { type: 'string', env: 'TRUBRICS_SERVER_BASE_PATH' },
  'retention-days': { type: 'string', env: 'TRUBRICS_SERVER_RETENTION_DAYS' },
  'text-retention-days': { type: 'string', env: 'TRUBRICS_SERVER_TEXT_RETENTION_DAYS' },
  'drain-seconds': { type: 'string', env: 'TRUBRICS_SERVER_DRAIN_SECONDS' },
  ...SERVER_ARGUMENTS,
  ...OUTGOING_ARGUMENTS,
  help: { type: 'boolean', short: 'h' },
} as const satisfies Readonly<Record<string, ArgumentSpec>>;

/** Secrets, which are read from the environment alone: other users of a machine can read command lines. */
export const SERVE_SECRETS = {
  keys: 'TRUBRICS_SERVER_KEYS',
  tokens: 'TRUBRICS_SERVER_TOKENS',
  forwardKey: 'TRUBRICS_SERVER_FORWARD_KEY',
  forwardKeys: 'TRUBRICS_SERVER_FORWARD_KEYS',
  metricsToken: 'TRUBRICS_SERVER_METRICS_TOKEN',
} as const;
