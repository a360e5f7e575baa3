// Programs that tests of the matrix start, and that are no npm packages.
import { existsSync } from 'node:fs';

const PROGRAMS = {
  chromium: [
    process.env.TRUBRICS_CHROMIUM,
    '/usr/bin/chromium',
    '/usr/bin/chromium-browser',
    '/usr/bin/google-chrome',
    '/usr/bin/google-chrome-stable',
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  ],
};

/** Returns the path of a program; `undefined` if it is not installed. */
export function findTool(name) {
  return PROGRAMS[name].find((path) => path !== undefined && existsSync(path));
}
