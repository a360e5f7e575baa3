const { shutdownAzureMonitor, useAzureMonitor } = require('@azure/monitor-opentelemetry');
const { OpenAIInstrumentation } = require('@arizeai/openinference-instrumentation-openai');
const { registerInstrumentations } = require('@opentelemetry/instrumentation');
const { TrubricsSpanProcessor } = require('opentelemetry-exporter-trubrics');

const endpoints = `IngestionEndpoint=${process.env.BACKEND}/;LiveEndpoint=${process.env.BACKEND}/`;
/** The exporter sends over TLS, whatever the connection string says. */
const plainHttp = {
  name: 'plainHttp',
  sendRequest(request, next) {
    request.url = request.url.replace('https:', 'http:');
    request.allowInsecureConnection = true;
    return next(request);
  },
};
useAzureMonitor({
  azureMonitorExporterOptions: {
    connectionString: `InstrumentationKey=11111111-1111-1111-1111-111111111111;${endpoints}`,
    disableOfflineStorage: true,
    additionalPolicies: [{ policy: plainHttp, position: 'perRetry' }],
  },
  enableLiveMetrics: false,
  // By default it keeps at most five traces a second, at random.
  tracesPerSecond: 0,
  samplingRatio: 1,
  spanProcessors: [new TrubricsSpanProcessor()],
});
registerInstrumentations({ instrumentations: [new OpenAIInstrumentation()] });

const { ask } = require('./ask.cjs');
void ask()
  .then(shutdownAzureMonitor)
  .then(() => process.exit());
