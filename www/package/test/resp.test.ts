/** The RESP codec: every type, every cut, every refusal. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RespDecoder } from '#dist/resp/decode.js';
import { encodeCommand } from '#dist/resp/encode.js';
import type { WireReply } from 'brooklet';
import { bytes } from './support.js';

const TYPES = [
  '+OK\r\n',
  '-ERR no\r\n',
  ':42\r\n',
  ':-9223372036854775808\r\n',
  '$3\r\na\r\n\r\n',
  '$0\r\n\r\n',
  '$-1\r\n',
  '*-1\r\n',
  '*0\r\n',
  '*2\r\n*1\r\n:1\r\n$1\r\nx\r\n',
  '_\r\n',
  '#t\r\n',
  ',1.5\r\n',
  '(12345678901234567890\r\n',
  '=6\r\ntxt:hi\r\n',
  '!5\r\nERR x\r\n',
  '%1\r\n$1\r\nk\r\n~2\r\n:1\r\n:2\r\n',
  '>1\r\n+p\r\n',
  '|1\r\n+ttl\r\n:3\r\n*1\r\n|1\r\n+a\r\n*1\r\n:0\r\n:9\r\n',
].join('');

const EXPECTED: WireReply[] = [
  { kind: 'status', text: 'OK' },
  { kind: 'error', text: 'ERR no' },
  { kind: 'integer', value: 42 },
  { kind: 'integer', value: -9223372036854775808n },
  { kind: 'bulk', bytes: bytes('a\r\n') },
  { kind: 'bulk', bytes: bytes('') },
  { kind: 'null' },
  { kind: 'null' },
  { kind: 'array', items: [] },
  {
    kind: 'array',
    items: [
      { kind: 'array', items: [{ kind: 'integer', value: 1 }] },
      { kind: 'bulk', bytes: bytes('x') },
    ],
  },
  { kind: 'null' },
  { kind: 'boolean', value: true },
  { kind: 'double', text: '1.5' },
  { kind: 'bignum', text: '12345678901234567890' },
  { kind: 'verbatim', bytes: bytes('hi') },
  { kind: 'error', text: 'ERR x' },
  {
    kind: 'map',
    pairs: [
      [
        { kind: 'bulk', bytes: bytes('k') },
        {
          kind: 'set',
          items: [
            { kind: 'integer', value: 1 },
            { kind: 'integer', value: 2 },
          ],
        },
      ],
    ],
  },
  { kind: 'push', items: [{ kind: 'status', text: 'p' }] },
  { kind: 'array', items: [{ kind: 'integer', value: 9 }] },
];

test('every type is decoded', () => {
  assert.deepEqual(new RespDecoder().push(bytes(TYPES)), EXPECTED);
});

test('bytes may be cut anywhere', () => {
  const all = bytes(TYPES);
  for (const size of [1, 2, 3, 7]) {
    const decoder = new RespDecoder();
    const replies: WireReply[] = [];
    for (let at = 0; at < all.length; at += size) {
      replies.push(...decoder.push(all.slice(at, at + size)));
    }
    assert.deepEqual(replies, EXPECTED, `pieces of ${size}`);
  }
});

test('a deep nest costs no stack', () => {
  const depth = 100_000;
  const [reply] = new RespDecoder().push(bytes(`${'*1\r\n'.repeat(depth)}:1\r\n`));
  let levels = 0;
  for (let at = reply; at?.kind === 'array'; at = at.items[0]) levels++;
  assert.equal(levels, depth);
});

test('a large bulk string in small pieces is copied a bounded number of times', () => {
  const size = 32 * 1024 * 1024;
  const decoder = new RespDecoder();
  const piece = new Uint8Array(4096).fill(120);
  assert.deepEqual(decoder.push(bytes(`$${size}\r\n`)), []);
  const start = performance.now();
  for (let at = 0; at < size; at += piece.length) assert.deepEqual(decoder.push(piece), []);
  const [reply] = decoder.push(bytes('\r\n'));
  assert.equal(reply?.kind === 'bulk' && reply.bytes.length, size);
  // Copying the whole once a piece would move 128 GB.
  assert.ok(performance.now() - start < 5_000);
});

test('what is no RESP is refused', () => {
  for (const text of ['hello\r\n', '$x\r\n', ':1.5\r\n', '*1e3\r\n']) {
    assert.throws(() => new RespDecoder().push(bytes(text)), { name: 'ProtocolError' }, text);
  }
});

test('a command is an array of bulk strings, with lengths in bytes', () => {
  const encoded = encodeCommand(['SET', 'é', Uint8Array.of(0, 255), 12]);
  const expected = [...bytes('*4\r\n$3\r\nSET\r\n$2\r\né\r\n$2\r\n'), 0, 255];
  assert.deepEqual([...encoded], [...expected, ...bytes('\r\n$2\r\n12\r\n')]);
  assert.throws(() => encodeCommand([]), TypeError);
});
