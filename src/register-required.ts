import { registerProcess } from './registration/register-process.js';

/**
 * The entry `./register` for `node --require opentelemetry-exporter-trubrics/register app.cjs`. It is built as `dist/cjs/register.js`: a
 * CommonJS module cannot await, so LangChain is patched at once.
 */
void registerProcess({ atOnce: true });
