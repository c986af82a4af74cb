/** Finds and starts the Chromium that drives these tests: `CHROME`, or one of the usual places. */
import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';

const PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/snap/bin/chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

/** What keeps a browser from phoning home, and lets root start it. */
export const QUIET = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync',
];

/** The program. */
export function findChromium() {
  const executablePath = process.env['CHROME'] ?? PLACES.find((place) => existsSync(place));
  if (executablePath === undefined) {
    throw new Error(`no Chromium found; set CHROME, or install it at one of: ${PLACES.join(', ')}`);
  }
  return executablePath;
}

/** Starts a browser without anything that phones home. */
export function startChromium() {
  return chromium.launch({ executablePath: findChromium(), args: QUIET });
}
