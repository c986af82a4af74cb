/** Requests out of bytes: every cut, every form, and what is none. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytesOf } from '#dist/resp/encode.js';
import { RequestReader, type Request } from '#dist/resp/requests.js';
import { bytes } from './support.js';

const WHOLE = [
  '*1\r\n$4\r\nPING\r\n',
  '*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$4\r\n\r\n*1\r\n',
  'GET "a b" \'c\'\r\n',
  'PING\n',
  '*2\r\n$0\r\n\r\n$1\r\nx\r\n',
];
const WORDS = [['PING'], ['SET', 'k', '\r\n*1'], ['GET', 'a b', 'c'], ['PING'], ['', 'x']];

function text(data: Uint8Array): string {
  return new TextDecoder().decode(data);
}

function wordsOf(requests: readonly Request[]): Array<string[] | undefined> {
  return requests.map(({ words }) => words?.map((word) => text(bytesOf(word))));
}

test('requests are the same wherever their bytes are cut', () => {
  const all = bytes(WHOLE.join(''));
  for (let at = 0; at <= all.length; at++) {
    const reader = new RequestReader();
    const requests = [...reader.push(all.subarray(0, at)), ...reader.push(all.subarray(at))];
    assert.deepEqual(wordsOf(requests), WORDS);
    assert.deepEqual(requests.map((it) => text(it.bytes)), WHOLE);
    assert.equal(reader.rest.length, 0);
  }
  const reader = new RequestReader();
  const requests = [...all].flatMap((byte) => reader.push(Uint8Array.of(byte)));
  assert.deepEqual(wordsOf(requests), WORDS);
});

test('requests without words are none, and are not passed on', () => {
  const reader = new RequestReader();
  assert.deepEqual(reader.push(bytes('\r\n\n*0\r\n*-1\r\n  \r\n')), []);
  assert.equal(reader.rest.length, 0);
  assert.deepEqual(wordsOf(reader.push(bytes('PING\r\n'))), [['PING']]);
});

test('what cannot be a request ends it, with everything behind it', () => {
  const wrong = [
    '*x\r\n', '*1x\r\n', '*01\r\n', '*99999999999\r\n', '*1\r\nPING\r\n', '*1\r\n$-1\r\n',
    '*1\r\n$4x\r\n', '*1\r\n$+4\r\nPING\r\n', '*1\rx', 'GET "a\r\n',
  ];
  for (const request of wrong) {
    const reader = new RequestReader();
    const found = reader.push(bytes(`PING\r\n${request}PING\r\n`));
    assert.deepEqual(wordsOf(found), [['PING'], undefined], JSON.stringify(request));
    assert.equal(text(found[1]?.bytes ?? bytes('')), `${request}PING\r\n`);
  }
});

test('a request that is not complete can be looked at', () => {
  const reader = new RequestReader();
  const found = reader.push(bytes('PING\r\n*2\r\n$4\r\nECHO\r\n$1000\r\nab'));
  assert.deepEqual(wordsOf(found), [['PING']]);
  for (let i = 0; i < 998; i++) assert.deepEqual(reader.push(bytes('c')), []);
  assert.equal(reader.rest.length, 21 + 1000);
  const [echo] = reader.push(bytes('\r\n'));
  assert.equal(bytesOf(echo?.words?.[1] ?? '').length, 1000);
});
