/**
 * The requests of tests/rest, to which every implementation of the REST protocol gives the same
 * answers. With REST_RECORD=1 this writes what the handler answers into the files.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { openRest } from './rest-support.js';

/** Text; or bytes in base64; or a text again and again. */
type Content =
  | string
  | { base64: string }
  | { before?: string; repeat: string; times: number; after?: string };

interface Step {
  readonly request: {
    readonly method: string;
    readonly target: string;
    readonly headers?: Record<string, string>;
    readonly body?: Content;
  };
  answer?: { status: number; headers: Record<string, string>; body: Content };
}

interface Case {
  readonly name: string;
  readonly steps: Step[];
}

const FOLDER = new URL('../../../../tests/rest/', import.meta.url);
const RECORDS = process.env['REST_RECORD'] === '1';
/** Of every answer, so that the files need not say it. */
const ALWAYS = {
  'access-control-allow-origin': '*',
  'access-control-expose-headers': 'upstash-sync-token, retry-after',
};
/** It counts answers, of whichever requests. */
const CHANGING = 'upstash-sync-token';

for (const file of readdirSync(FOLDER).filter((name) => name.endsWith('.json'))) {
  const place = new URL(file, FOLDER);
  const cases = JSON.parse(readFileSync(place, 'utf8')) as Case[];
  describe(`tests/rest/${file}`, { concurrency: false }, () => {
    for (const { name, steps } of cases) test(name, () => play(steps));
    if (RECORDS) test('write it', () => writeFileSync(place, written(cases)));
  });
}

/** Each case has a database of its own, empty at first. */
async function play(steps: readonly Step[]): Promise<void> {
  const { handle, request } = await openRest();
  for (const step of steps) {
    const { method, target, headers = {}, body } = step.request;
    const init = { method, headers, ...(body === undefined ? {} : { body: bytesOf(body) }) };
    const response = await handle(request(target.slice(1), init));
    const bytes = new Uint8Array(await response.arrayBuffer());
    const told = Object.fromEntries(response.headers);
    const common = Object.keys(ALWAYS).map((name) => [name, told[name]]);
    assert.deepEqual(Object.fromEntries(common), ALWAYS);
    for (const name of [...Object.keys(ALWAYS), CHANGING]) delete told[name];
    const answer = { status: response.status, headers: told, body: contentOf(bytes) };
    if (RECORDS) step.answer = answer;
    else assert.deepEqual(answer, step.answer, JSON.stringify(step.request).slice(0, 500));
  }
}

function bytesOf(content: Content): Uint8Array<ArrayBuffer> {
  if (typeof content === 'string') return new TextEncoder().encode(content);
  if ('base64' in content) return Uint8Array.from(Buffer.from(content.base64, 'base64'));
  const { before = '', repeat, times, after = '' } = content;
  return new TextEncoder().encode(before + repeat.repeat(times) + after);
}

function contentOf(bytes: Uint8Array): Content {
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  const isText = Buffer.from(text).equals(bytes);
  return isText ? text : { base64: Buffer.from(bytes).toString('base64') };
}

/** A line a step, for people who look at changes. */
function written(cases: readonly Case[]): string {
  const blocks = cases.map(({ name, steps }) => {
    const lines = steps.map((step) => `    ${JSON.stringify(step)}`).join(',\n');
    return `  { "name": ${JSON.stringify(name)}, "steps": [\n${lines}\n  ]}`;
  });
  return `[\n${blocks.join(',\n')}\n]\n`;
}
