// Puts the local Trubrics under load while its page is open: `npm run build && node test/bench/server.mjs`. For a minute, 2,000 records a
// second arrive in requests of 20, each sent when it is due, even if earlier ones are not answered. Fails if a record is lost.
//   TRUBRICS_BENCH_SECONDS=60  TRUBRICS_BENCH_VIEW=/ or /overview, /people …  TRUBRICS_BENCH_FILE=1 (with --file)
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const dist = process.env.TRUBRICS_DIST ?? fileURLToPath(new URL('../../dist/esm', import.meta.url));
const seconds = Number(process.env.TRUBRICS_BENCH_SECONDS ?? 60);
const view = process.env.TRUBRICS_BENCH_VIEW ?? '/';
const RECORDS_PER_SECOND = 2000;
const BATCH = 20;
const EVERY_MS = (1000 * BATCH) / RECORDS_PER_SECOND;
const CHROMIUM = [
  process.env.TRUBRICS_CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
].find((path) => path && existsSync(path));

let retries = 0;
const folder = mkdtempSync(join(tmpdir(), 'trubrics-bench-'));
const file = process.env.TRUBRICS_BENCH_FILE ? ['--file', join(folder, 'records.jsonl')] : [];
const server = spawn(process.execPath, [join(dist, 'cli.js'), 'dev', '--port', '0', ...file], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
try {
  const url = await addressOf(server);
  const page = CHROMIUM && (await openPage(`${url}${view}`));
  if (!page) console.warn('*** No Chromium: measured without a page. ***');
  const load = await sendFor(url);
  const stats = await (await fetch(`${url}/api/stats`)).json();
  const received = stats.records + stats.store.evicted;
  console.table({
    view: `${view}${file.length > 0 ? ' --file' : ''}`,
    sent: load.sent,
    lost: load.sent - received,
    retries,
    p50_ms: percentile(load.times, 0.5),
    p99_ms: percentile(load.times, 0.99),
    max_ms: percentile(load.times, 1),
    // On a busy machine, much of a long response time is waiting for the processor.
    server_waited_for_cpu_ms: load.cpu.waitedMs,
    server_used_cpu_ms: load.cpu.usedMs,
    server_rss_mb: load.rssMb,
    ...(page && (await page.close())),
  });
  if (received !== load.sent) process.exitCode = 1;
} finally {
  server.kill();
  rmSync(folder, { recursive: true, force: true });
}

function addressOf(child) {
  return new Promise((resolve, reject) => {
    let text = '';
    child.once('exit', () => reject(new Error('The server did not start')));
    child.stdout.on('data', (data) => {
      text += data;
      const match = /running at (\S+)/.exec(text);
      if (match) resolve(match[1]);
    });
  });
}

async function sendFor(url) {
  const requests = [];
  const times = [];
  let rssMb = 0;
  const before = cpuOf(server.pid);
  const start = performance.now();
  const total = Math.round((seconds * 1000) / EVERY_MS);
  for (let i = 0; i < total; i++) {
    const due = start + i * EVERY_MS;
    const wait = due - performance.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    requests.push(publish(url, i).then(() => times.push(performance.now() - due)));
    if (i % 100 === 0) rssMb = Math.max(rssMb, rssOf(server.pid));
  }
  await Promise.all(requests);
  const after = cpuOf(server.pid);
  const cpu = { usedMs: after.usedMs - before.usedMs, waitedMs: after.waitedMs - before.waitedMs };
  return { sent: total * BATCH, times: times.sort((a, b) => a - b), rssMb, cpu };
}

async function publish(url, request) {
  const body = JSON.stringify(Array.from({ length: BATCH }, (_, i) => record(request * BATCH + i)));
  const send = () =>
    fetch(`${url}/api/ingestion/publish_llm_events`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': 'bench' },
      body,
    });
  const response = await send().catch(() => {
    retries += 1;
    return send();
  });
  await response.text();
  if (!response.ok) throw new Error(`The server answered ${response.status}`);
}

function record(i) {
  return {
    user_id: `user-${(i * 7919) % 5000}`,
    prompt: `Question ${i}: ${'how do I trace an application that asks a model, '.repeat(3)}?`,
    generation: `Answer ${i}: ${'a span is a step of a trace, and it has a parent. '.repeat(12)}`,
    assistant_id: ['gpt-4o', 'gpt-4o-mini', 'claude-sonnet', 'mistral-large'][i % 4],
    thread_id: `thread-${Math.floor(i / 6)}`,
    timestamp: new Date().toISOString(),
    latency: ((i * 31) % 4000) / 1000,
    properties: { $event_id: `bench-${i}`, input_tokens: 120, output_tokens: 80, tags: ['bench'] },
  };
}

async function openPage(address) {
  const { chromium } = await import('playwright-core');
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  await page.goto(address);
  await page.evaluate(() => {
    globalThis.longest = 0;
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries())
        globalThis.longest = Math.max(globalThis.longest, duration);
    }).observe({ type: 'longtask' });
  });
  return {
    close: async () => {
      const longest = await page.evaluate(() => Math.round(globalThis.longest));
      const heapMb = await page.evaluate(() => Math.round(performance.memory.usedJSHeapSize / 1e6));
      await browser.close();
      return { page_longest_task_ms: longest, page_heap_mb: heapMb };
    },
  };
}

function rssOf(pid) {
  try {
    return Math.round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1000);
  } catch {
    return 0;
  }
}

/** Returns how long the process ran and how long it waited for a processor. Linux only. */
function cpuOf(pid) {
  try {
    const [used, waited] = readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ');
    return { usedMs: Math.round(Number(used) / 1e6), waitedMs: Math.round(Number(waited) / 1e6) };
  } catch {
    return { usedMs: Number.NaN, waitedMs: Number.NaN };
  }
}

function percentile(sorted, share) {
  return Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] * 10) / 10;
}
