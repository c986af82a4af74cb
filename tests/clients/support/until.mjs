/** Waiting for what another connection causes: asks again until it is so, or fails. */
import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';

const DEADLINE_MS = 10_000;
const BETWEEN_MS = 5;

/** Resolves when `condition` does to something truthy. */
export async function until(what, condition) {
  const deadline = Date.now() + DEADLINE_MS;
  while (!(await condition())) {
    assert.ok(Date.now() < deadline, `waited ${DEADLINE_MS} ms in vain: ${what}`);
    await pause(BETWEEN_MS);
  }
}
