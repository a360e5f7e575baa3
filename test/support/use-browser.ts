import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { chromium, type Browser, type BrowserContextOptions, type Page, type Request } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished } from 'vitest';

const CANDIDATES = [
  process.env['TRUBRICS_CHROMIUM'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** Path of the installed browser. Without one, the tests of the page are skipped with a warning; where CI is set, they fail. */
export const chromiumPath = findChromium();

function findChromium(): string | undefined {
  const path = CANDIDATES.find((candidate) => candidate !== undefined && existsSync(candidate));
  if (path !== undefined) return path;
  const message = 'No Chromium found: install it, or set TRUBRICS_CHROMIUM to its path.';
  if (process.env['CI']) throw new Error(message);
  console.warn(`\n*** SKIPPED: the tests of the page. ${message} ***\n`);
  return undefined;
}

/** `.test` is this machine: a name that is no secure context, as that of another machine on the network. */
const ARGUMENTS = ['--no-sandbox', '--host-resolver-rules=MAP *.test 127.0.0.1'];

export interface WatchedPage {
  readonly page: Page;
  /** Errors and warnings of the console, uncaught errors, violations of the content security policy. */
  readonly problems: string[];
}

export type OpenPage = (url: string, options?: BrowserContextOptions) => Promise<WatchedPage>;

/**
 * Builds the page and starts one browser for all tests of a `describe`. The function that it returns opens a URL in a context of its own,
 * which is closed when the test has finished.
 */
export function useBrowser(): OpenPage {
  let browser: Browser | undefined;
  beforeAll(async () => {
    buildPage();
    browser = await chromium.launch({ executablePath: chromiumPath ?? '', args: ARGUMENTS });
  });
  afterAll(() => browser?.close());
  return (url, options = {}) => {
    if (!browser) throw new Error('The browser has not been started.');
    return openPage(browser, url, options);
  };
}

/** Builds the page alone from its sources. */
function buildPage(): void {
  execFileSync(process.execPath, [
    fileURLToPath(new URL('../../scripts/build.mjs', import.meta.url)),
    'page',
  ]);
}

async function openPage(browser: Browser, url: string, options: BrowserContextOptions): Promise<WatchedPage> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  onTestFinished(() => context.close());
  const page = await context.newPage();
  const problems: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') problems.push(message.text());
  });
  page.on('pageerror', (error) => problems.push(error.message));
  watchRequests(page);
  page.on('dialog', (dialog) => {
    problems.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  await page.goto(url);
  return { page, problems };
}

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Requests of each page to the API and for its parts that have no whole answer yet. */
const requestsOf = new WeakMap<Page, Set<Request>>();

/** The stream of changes never ends, and the end of loading a shared worker is not reported. */
const UNENDING = /\/(api\/live|live-worker)/;

function watchRequests(page: Page): void {
  const requests = new Set<Request>();
  requestsOf.set(page, requests);
  page.on('request', (request) => {
    if (!UNENDING.test(new URL(request.url()).pathname)) requests.add(request);
  });
  page.on('requestfinished', (request) => requests.delete(request));
  page.on('requestfailed', (request) => requests.delete(request));
}

/** Waits until everything that the page asks for has been answered and is shown. */
export async function settled(page: Page): Promise<void> {
  const requests = requestsOf.get(page) ?? new Set();
  do {
    await expect.poll(() => requests.size, { timeout: 10_000 }).toBe(0);
    await page.evaluate('new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)))');
  } while (requests.size > 0);
}

/** Returns the violations that axe finds in the page once all its parts are loaded, as `rule: element`. */
export async function axeViolations(page: Page): Promise<string[]> {
  await settled(page);
  return axeViolationsNow(page);
}

/** Returns the violations that axe finds in the page as it is, for instance while an answer is late. */
export async function axeViolationsNow(page: Page): Promise<string[]> {
  await page.evaluate(axeSource);
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
    };
    const { violations } = await axe.run();
    return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
  });
}

/** Waits until the text of the first element of `selector` matches. */
export async function expectText(page: Page, selector: string, text: string | RegExp): Promise<void> {
  await expect
    .poll(() =>
      page
        .locator(selector)
        .first()
        .innerText()
        .catch(() => ''),
    )
    .toMatch(text);
}
