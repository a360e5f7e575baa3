import type { RunningServer } from '../../server/index.js';

/** Value of `TRUBRICS_API_KEY`. Without a token, the local server accepts any key. */
const LOCAL_KEY = 'local';

/** Variables that say where the application exports its spans. If one is set, it is not overridden. */
const OWN_EXPORT = ['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'OTEL_EXPORTER_OTLP_ENDPOINT'];

/** Returns the variables that make an application send its records, spans and log records to `server`. */
export function environmentFor(
  server: Pick<RunningServer, 'ingestionUrl' | 'tracesUrl'>,
  token: string | undefined,
  existing: NodeJS.ProcessEnv = process.env,
): Record<string, string> {
  const own = { TRUBRICS_HOST: server.ingestionUrl, TRUBRICS_API_KEY: token ?? LOCAL_KEY };
  if (OWN_EXPORT.some((name) => existing[name])) return own;
  // Two instrumentations write prompts and answers to log records alone.
  const hasOwnLogs = Boolean(existing['OTEL_EXPORTER_OTLP_LOGS_ENDPOINT']);
  return {
    ...own,
    ...exportTo('TRACES', server.tracesUrl, token),
    ...(hasOwnLogs ? {} : exportTo('LOGS', new URL('logs', server.tracesUrl).href, token)),
  };
}

function exportTo(
  signal: 'TRACES' | 'LOGS',
  url: string,
  token: string | undefined,
): Readonly<Record<string, string>> {
  return {
    [`OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`]: url,
    // Some SDKs use gRPC by default, which the server does not support.
    [`OTEL_EXPORTER_OTLP_${signal}_PROTOCOL`]: 'http/protobuf',
    ...(token !== undefined && {
      [`OTEL_EXPORTER_OTLP_${signal}_HEADERS`]: `x-api-key=${encodeURIComponent(token)}`,
    }),
  };
}
