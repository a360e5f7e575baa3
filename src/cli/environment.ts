import type { RunningServer } from '../server/index.js';

/** A value for `TRUBRICS_API_KEY`: without a token the local server takes any. */
const LOCAL_KEY = 'local';

/** By these an application has said already where its spans go; they are left to it. */
const OWN_EXPORT = ['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'OTEL_EXPORTER_OTLP_ENDPOINT'];

/** What an application needs in its environment to send here. */
export function environmentFor(
  server: Pick<RunningServer, 'ingestionUrl' | 'tracesUrl'>,
  token: string | undefined,
  existing: NodeJS.ProcessEnv = process.env,
): Record<string, string> {
  const own = { TRUBRICS_HOST: server.ingestionUrl, TRUBRICS_API_KEY: token ?? LOCAL_KEY };
  if (OWN_EXPORT.some((name) => existing[name])) return own;
  return {
    ...own,
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: server.tracesUrl,
    // gRPC is the default of some SDKs.
    OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/protobuf',
    ...(token !== undefined && {
      OTEL_EXPORTER_OTLP_TRACES_HEADERS: `x-api-key=${encodeURIComponent(token)}`,
    }),
  };
}
