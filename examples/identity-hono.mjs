// Hono: middleware sets the user of every LLM call of the request. It works on Node, Bun, Deno and Workers.
// Run it: node examples/identity-hono.mjs
import { Hono } from 'hono';
import { withTrubrics } from 'opentelemetry-exporter-trubrics';
import { answer, askAsTwo } from './support/web-app.mjs';

const app = new Hono();
app.use(async (c, next) => {
  const { chatId } = await c.req.json();
  // In your application: c.get('user').id, not a header.
  await withTrubrics({ userId: c.req.header('x-user'), threadId: chatId }, next);
});

app.post('/chat', async (c) => {
  const { question } = await c.req.json();
  return c.json({ answer: await answer(question) });
});

await askAsTwo((request) => app.request(request));
