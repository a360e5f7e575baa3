/** The instrumentation scope of everything that the handler makes. */
export const SCOPE = 'opentelemetry-exporter-trubrics';
