import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { expect, onTestFinished } from 'vitest';

const CANDIDATES = [
  process.env['TRUBRICS_CHROMIUM'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** The installed browser; without one these tests say loudly that they were skipped, and fail where CI is set. */
export function findChromium(): string | undefined {
  const path = CANDIDATES.find((candidate) => candidate !== undefined && existsSync(candidate));
  if (path !== undefined) return path;
  const message = 'No Chromium found: install it, or set TRUBRICS_CHROMIUM to its path.';
  if (process.env['CI']) throw new Error(message);
  console.warn(`\n*** SKIPPED: the tests of the page. ${message} ***\n`);
  return undefined;
}

export function launch(executablePath: string): Promise<Browser> {
  return chromium.launch({ executablePath, args: ['--no-sandbox'] });
}

/** Builds the page alone from its sources. */
export function buildPage(): void {
  execFileSync(process.execPath, [
    fileURLToPath(new URL('../../../scripts/build.mjs', import.meta.url)),
    'page',
  ]);
}

export interface WatchedPage {
  readonly page: Page;
  /** Errors and warnings of the console, uncaught errors, and what the content security policy has refused. */
  readonly problems: string[];
}

/** A page of its own, which is watched for everything that goes wrong. */
export async function openPage(
  browser: Browser,
  address: string,
  options: BrowserContextOptions = {},
): Promise<WatchedPage> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  onTestFinished(() => context.close());
  const page = await context.newPage();
  const problems: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') problems.push(message.text());
  });
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('dialog', (dialog) => {
    problems.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  await page.goto(address);
  return { page, problems };
}

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What axe finds wrong, as `rule: element`. */
export async function axeViolations(page: Page): Promise<string[]> {
  await page.evaluate(axeSource);
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
    };
    const { violations } = await axe.run();
    return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
  });
}

export async function expectText(page: Page, selector: string, text: string | RegExp): Promise<void> {
  await expect
    .poll(
      () =>
        page
          .locator(selector)
          .first()
          .innerText()
          .catch(() => ''),
      { timeout: 5000 },
    )
    .toMatch(text);
}
