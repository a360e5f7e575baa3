// What the examples need around them: a model to call and a Trubrics to send to. Both run here, on free ports, unless the
// environment names others (OPENAI_BASE_URL with OPENAI_API_KEY, TRUBRICS_HOST with TRUBRICS_API_KEY).
import { startServer } from 'opentelemetry-exporter-trubrics/server';
import { startModelServer } from './model-server.mjs';

/** Starts both and points the environment at them. `finish()` prints what arrived and stops them. */
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
