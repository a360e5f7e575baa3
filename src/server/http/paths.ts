/** Path of the ingestion API. `TRUBRICS_HOST` is the server's address and this path. */
export const INGESTION_PATH = '/api/ingestion';

/** Path of the OTLP receiver. `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT` is the server's address, this path and `/traces`; logs likewise. */
export const OTLP_PATH = '/v1';

/** Prefixes of the paths that applications send to. They are open to other origins of this machine, and ask for the API key, not the token. */
export const INGEST_PATHS = [`${INGESTION_PATH}/`, `${OTLP_PATH}/`];
