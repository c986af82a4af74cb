/** Replies are printed as redis-cli prints them; the expected text was recorded from it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { WireReply } from 'brooklet';
import { formatRaw, formatReply, formatReplyOf, PromptState, segmentText } from 'brooklet/repl';
import { bytes } from './support.js';

const bulk = (text: string): WireReply => ({ kind: 'bulk', bytes: bytes(text) });
const integer = (value: number | bigint): WireReply => ({ kind: 'integer', value });
const array = (...items: WireReply[]): WireReply => ({ kind: 'array', items });
const map = (...pairs: Array<[WireReply, WireReply]>): WireReply => ({ kind: 'map', pairs });
const print = (reply: WireReply): string => segmentText(formatReply(reply));

test('scalars', () => {
  assert.equal(print({ kind: 'status', text: 'OK' }), 'OK\n');
  assert.equal(print({ kind: 'error', text: 'ERR syntax error' }), '(error) ERR syntax error\n');
  assert.equal(print({ kind: 'null' }), '(nil)\n');
  assert.equal(print(integer(9223372036854775807n)), '(integer) 9223372036854775807\n');
  assert.equal(print({ kind: 'double', text: '1.5' }), '(double) 1.5\n');
  assert.equal(print({ kind: 'boolean', value: true }), '(true)\n');
  const binary = Uint8Array.of(0, 255, 10, 9, 34, 92, 7, 8, 13, 65);
  const printed = String.raw`"\x00\xff\n\t\"\\\a\b\rA"`;
  assert.equal(print({ kind: 'bulk', bytes: binary }), `${printed}\n`);
  assert.equal(print(bulk('é')), '"\\xc3\\xa9"\n');
  assert.equal(print({ kind: 'verbatim', bytes: bytes('a "b"') }), 'a "b"\n');
});

test('empty aggregates', () => {
  assert.equal(print(array()), '(empty array)\n');
  assert.equal(print(map()), '(empty hash)\n');
  assert.equal(print({ kind: 'set', items: [] }), '(empty set)\n');
});

test('entries nest under their number', () => {
  const entry = (id: string): WireReply => array(bulk(id), array(bulk('a'), bulk('1')));
  assert.equal(
    print(array(entry('1-1'), entry('1-2'))),
    [
      '1) 1) "1-1"',
      '   2) 1) "a"',
      '      2) "1"',
      '2) 1) "1-2"',
      '   2) 1) "a"',
      '      2) "1"',
      '',
    ].join('\n'),
  );
});

test('numbers are aligned from ten on', () => {
  const lines = print(array(...Array.from({ length: 10 }, () => array(integer(1), integer(2)))));
  assert.equal(lines.split('\n')[0], ' 1) 1) (integer) 1');
  assert.equal(lines.split('\n')[1], '    2) (integer) 2');
  assert.equal(lines.split('\n')[18], '10) 1) (integer) 1');
});

test('a map breaks the line before a value of several lines', () => {
  const spec = map([bulk('index'), integer(1)]);
  const flags: WireReply = { kind: 'set', items: [bulk('x'), bulk('y')] };
  assert.equal(
    print(map([bulk('spec'), spec], [bulk('flags'), flags])),
    [
      '1# "spec" => 1# "index" => (integer) 1',
      '2# "flags" => ',
      '   1~ "x"',
      '   2~ "y"',
      '',
    ].join('\n'),
  );
});

test('raw output is values alone', () => {
  const raw = (reply: WireReply): string => new TextDecoder().decode(formatRaw(reply));
  assert.equal(raw(array(bulk('a'), array(integer(1), { kind: 'null' }))), 'a\n1\n');
  assert.equal(raw(map([bulk('k'), integer(1)], [bulk('l'), bulk('v')])), 'k 1\nl v');
  assert.equal(raw({ kind: 'error', text: 'ERR x' }), 'ERR x\n');
  assert.deepEqual(formatRaw({ kind: 'bulk', bytes: Uint8Array.of(255) }), Uint8Array.of(255));
});

test('texts for people are printed as they are', () => {
  const info = bulk('# Server\r\nredis_version:8\r\n');
  assert.equal(segmentText(formatReplyOf(['info'], info)), '# Server\r\nredis_version:8\r\n');
  assert.equal(segmentText(formatReplyOf(['get', 'k'], bulk('a\n'))), '"a\\n"\n');
});

test('segments know what they are', () => {
  const styles = formatReply(map([bulk('k'), integer(1)])).map(({ style }) => style);
  assert.deepEqual(styles, ['index', 'key', 'index', 'integer', 'plain']);
});

test('the prompt follows database and transaction', () => {
  const prompt = new PromptState();
  const ok: WireReply = { kind: 'status', text: 'OK' };
  const shown = (): string => prompt.render('127.0.0.1:6379');
  assert.equal(shown(), '127.0.0.1:6379> ');
  prompt.observe(['select', '3'], ok);
  assert.equal(shown(), '127.0.0.1:6379[3]> ');
  prompt.observe(['multi'], ok);
  prompt.observe(['SELECT', '5'], { kind: 'status', text: 'QUEUED' });
  assert.equal(shown(), '127.0.0.1:6379[3](TX)> ');
  prompt.observe(['exec'], array(ok));
  assert.equal(shown(), '127.0.0.1:6379[5]> ');
  prompt.observe(['multi'], ok);
  prompt.observe(['exec'], { kind: 'error', text: 'EXECABORT Transaction discarded' });
  prompt.observe(['select', '99'], { kind: 'error', text: 'ERR DB index is out of range' });
  assert.equal(shown(), '127.0.0.1:6379[5]> ');
  prompt.observe(['reset'], { kind: 'status', text: 'RESET' });
  assert.equal(shown(), '127.0.0.1:6379> ');
});
