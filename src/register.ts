import { registerProcess } from './registration/register-process.js';

/**
 * `node --import opentelemetry-exporter-trubrics/register app.mjs` records every LangChain.js call of an application without a change of
 * its code. It is configured by environment variables (`TRUBRICS_HOST`, …). The application starts when LangChain is patched.
 */
await registerProcess();
