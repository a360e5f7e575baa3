// Express: one line of middleware sets the user of every LLM call of the request.
// Run it: node examples/identity-express.mjs
import { once } from 'node:events';
import express from 'express';
import { withTrubrics } from 'opentelemetry-exporter-trubrics';
import { answer, askAsTwo, sendTo } from './support/web-app.mjs';

const app = express();
app.use(express.json());
// After the body parser and your authentication. In your application: req.user.id, not a header.
app.use((req, res, next) => withTrubrics({ userId: req.get('x-user'), threadId: req.body?.chatId }, next));

// oxlint-disable-next-line oxc/no-async-endpoint-handlers -- Express 5 handles rejected promises.
app.post('/chat', async (req, res) => {
  res.json({ answer: await answer(req.body.question) });
});

const server = app.listen(0, '127.0.0.1');
await once(server, 'listening');
await askAsTwo(sendTo(server.address().port));
server.close();
