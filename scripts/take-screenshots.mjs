// Takes the screenshots of the documentation: `npm run build && node scripts/take-screenshots.mjs`. The records are invented, and the same
// each time but for their times. Needs Chromium (TRUBRICS_CHROMIUM, or /usr/bin/chromium).
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { startServer } from '../dist/esm/server/index.js';

const HOUR = 3_600_000;
const PEOPLE = [
  'ada',
  'grace',
  'alan',
  'katherine',
  'linus',
  'margaret',
  'radia',
  'barbara',
  'ken',
  'dennis',
];
const MODELS = ['gpt-4o-mini-2024-07-18', 'gpt-4o-2024-08-06', 'claude-sonnet-4', 'mistral-large'];
const TALK = [
  ['Can I still change the delivery address?', 'Yes, until the parcel is handed to the carrier.'],
  ['Summarise the attached contract in five bullet points.', '• Term: 24 months from signature.\n• Fees: 1,200 € a month.\n• Service level: 99.9 %.\n• Data: processed in the EU.\n• Liability: limited to twelve months of fees.'],
  ['هل يمكنني استرداد المبلغ؟', 'نعم، يمكنك استرداد المبلغ خلال 30 يومًا.'],
  ['Why does my build fail with ERR_REQUIRE_ESM?', 'A CommonJS file calls require() on an ES module. Use import(), or Node.js 22.'],
  ['Explain eventual consistency to a twelve-year-old.', 'Imagine two whiteboards in two rooms. What you write on one is copied to the other a little later.'],
  ['Where is my order 4417?', 'find_order({"id":4417})'],
  ['Translate “The parcel is on its way” into Spanish.', '“El paquete está en camino.”'],
  ['Write a friendly reminder for an invoice.', 'Subject: A quick reminder about your invoice'],
]; // prettier-ignore

const server = await startServer({ port: 0 });
const browser = await chromium.launch({
  executablePath: process.env.TRUBRICS_CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-lcd-text'],
});
try {
  await publish('publish_llm_events', prompts());
  const { records } = await (await fetch(`${server.url}/api/records?limit=40`)).json();
  await publish('publish_events', [...feedback(records), ...errors()]);
  const shown = records.find(({ prompt }, index) => hasFeedback(index) && prompt.length > 45) ?? records[2];
  await take('light', `/?kind=prompt&record=${encodeURIComponent(shown.id)}`, 'prompts-light');
  await take('dark', '/overview', 'overview-dark');
} finally {
  await browser.close();
  await server.close();
}

async function publish(path, items) {
  for (let start = 0; start < items.length; start += 100) {
    const response = await fetch(`${server.ingestionUrl}/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': 'local' },
      body: JSON.stringify(items.slice(start, start + 100)),
    });
    if (!response.ok) throw new Error(await response.text());
  }
}

/** Returns 600 prompts of two days, more by day than by night. */
function prompts() {
  const random = randomNumbers(7);
  const pick = (list) => list[Math.floor(random() * list.length)];
  const ages = Array.from({ length: 600 }, () => 48 * random() ** 1.4).toSorted((a, b) => b - a);
  return ages.map((age, index) => {
    const [prompt, generation] = pick(TALK);
    const user = pick(PEOPLE);
    const input = Math.round(80 + 400 * random());
    const output = Math.round(20 + 200 * random());
    return {
      user_id: `${user}@northwind.example`,
      prompt,
      generation,
      assistant_id: pick(MODELS),
      thread_id: `conversation-${Math.floor(index / 2)}`,
      timestamp: new Date(Date.now() - age * HOUR).toISOString(),
      latency: Number((0.3 + 4 * random() ** 2).toFixed(2)),
      properties: {
        $event_id: `record-${index}`,
        tags: random() < 0.4 ? ['support'] : ['web'],
        provider: 'openai',
        input_tokens: input,
        output_tokens: output,
        total_tokens: input + output,
        finish_reason: 'stop',
      },
    };
  });
}

function hasFeedback(index) {
  return index % 3 === 2;
}

function feedback(records) {
  return records
    .filter((_record, index) => hasFeedback(index))
    .map(({ id, userId }, index) => ({
      event: 'Feedback',
      user_id: userId,
      timestamp: new Date().toISOString(),
      properties: { record_id: id, score: index % 3 === 2 ? -1 : 1, comment: 'That solved it.' },
    }));
}

function errors() {
  return Array.from({ length: 18 }, (_, index) => ({
    event: 'LLM error',
    user_id: `${PEOPLE[index % PEOPLE.length]}@northwind.example`,
    timestamp: new Date(Date.now() - index * 2.3 * HOUR).toISOString(),
    properties: { error_type: 'rate_limit_exceeded', model: MODELS[index % 2] },
  }));
}

/** Returns a generator of numbers from 0 to 1 that repeats itself for a seed. */
function randomNumbers(seed) {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return state / 2 ** 32;
  };
}

async function take(colorScheme, path, name) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 720 }, colorScheme });
  await page.goto(server.url + path);
  await page.waitForTimeout(2000);
  await page.screenshot({
    path: fileURLToPath(new URL(`../examples/screenshots/${name}.png`, import.meta.url)),
  });
  await page.close();
}
