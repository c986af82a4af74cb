/** A Chromium with a profile on the disk that can be killed with all its processes. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chromium } from 'playwright-core';
import { findChromium, QUIET } from './chromium.mjs';

/** Starts it; `kill` ends every process of it at once, as a power cut would, but for the disk. */
export async function startKillable(profile) {
  const flags = ['--headless=new', '--remote-debugging-port=0', `--user-data-dir=${profile}`];
  const child = spawn(findChromium(), [...QUIET, ...flags, 'about:blank'], {
    // A group of its own, so that the group can be killed.
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = once(child, 'exit');
  const kill = async () => {
    process.kill(-child.pid, 'SIGKILL');
    await ended;
  };
  try {
    const browser = await chromium.connectOverCDP(await debuggerOf(child));
    return { context: browser.contexts()[0], kill };
  } catch (error) {
    await kill().catch(() => undefined);
    throw error;
  }
}

/** The address at which it waits to be driven. */
async function debuggerOf(child) {
  let said = '';
  for await (const part of child.stderr) {
    said += part;
    const [, address] = /DevTools listening on (ws:\S+)/.exec(said) ?? [];
    if (address) {
      // What it says from now on must not fill the pipe.
      child.stderr.resume();
      return address;
    }
  }
  throw new Error(`Chromium did not start: ${said}`);
}
