/** Name of the instrumentation scope of all spans and metrics of our LangChain handler. */
export const INSTRUMENTATION_SCOPE = 'opentelemetry-exporter-trubrics';
