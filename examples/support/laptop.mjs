// Services that the examples need: a model and a Trubrics. Both are started on free ports, unless environment variables
// name others (OPENAI_BASE_URL with OPENAI_API_KEY, TRUBRICS_HOST with TRUBRICS_API_KEY).
import { startServer } from 'opentelemetry-exporter-trubrics/server';
import { startModelServer } from './model-server.mjs';

/** Starts both and sets the environment variables for them. `finish()` prints the records that arrived and stops both. */
export async function startLaptop() {
  const model = process.env.OPENAI_BASE_URL ? undefined : await startModelServer();
  const trubrics = process.env.TRUBRICS_HOST ? undefined : await startServer({ port: 0 });
  if (model) Object.assign(process.env, { OPENAI_BASE_URL: model.url, OPENAI_API_KEY: 'not-needed' });
  if (trubrics) process.env.TRUBRICS_HOST = trubrics.ingestionUrl;
  return {
    trubrics,
    async finish() {
      if (trubrics) console.log(JSON.stringify(trubrics.records().map(readable), null, 2));
      else console.log(`Sent to ${process.env.TRUBRICS_HOST}.`);
      await trubrics?.close();
      await model?.close();
    },
  };
}

function readable({ receivedAt: _receivedAt, ...record }) {
  return record;
}
