// Takes the screenshots of the documentation: `npm run build && node scripts/take-screenshots.mjs`. The records are invented, and the same
// each time but for their times. Needs Chromium (TRUBRICS_CHROMIUM, or /usr/bin/chromium);
// `pngquant 48` makes the files a third as large.
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { startServer } from '../dist/esm/server/index.js';
import { publishDemoRecords } from './demo-records.mjs';

const server = await startServer({ port: 0 });
const browser = await chromium.launch({
  executablePath: process.env.TRUBRICS_CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-lcd-text'],
});
try {
  await publishDemoRecords(server.ingestionUrl);
  const { records, feedback } = await (await fetch(`${server.url}/api/records?kind=prompt&limit=60`)).json();
  const rated = new Set(feedback.map(({ properties }) => properties.record_id));
  const shown = records.find(({ id, generation }) => rated.has(id) && generation.includes('|')) ?? records[2];
  await take('light', '/summary', 'summary-light');
  await take('dark', `/?kind=prompt&record=${encodeURIComponent(shown.id)}`, 'prompts-dark');
} finally {
  await browser.close();
  await server.close();
}

async function take(colorScheme, path, name) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 }, colorScheme });
  await page.goto(server.url + path);
  await page.waitForTimeout(4000);
  await page.screenshot({
    path: fileURLToPath(new URL(`../examples/screenshots/${name}.png`, import.meta.url)),
  });
  await page.close();
}
