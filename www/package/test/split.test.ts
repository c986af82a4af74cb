/** The command line is split by redis-cli's rules. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { splitCommandLine } from 'brooklet/repl';

test('words are separated by spaces, however many', () => {
  assert.deepEqual(splitCommandLine('  xadd   s\t* a  1 '), ['xadd', 's', '*', 'a', '1']);
  assert.deepEqual(splitCommandLine('   '), []);
});

test('double quotes hold spaces and escapes', () => {
  assert.deepEqual(splitCommandLine(String.raw`set k "a b\n\t\"\\\q"`), [
    'set',
    'k',
    'a b\n\t"\\q',
  ]);
  assert.deepEqual(splitCommandLine(String.raw`"caf\xc3\xa9" é ""`), ['café', 'é', '']);
});

test('bytes that are no text stay bytes', () => {
  assert.deepEqual(splitCommandLine(String.raw`get "\xff\x00"`), [
    'get',
    Uint8Array.of(0xff, 0),
  ]);
});

test('single quotes hold everything but an escaped single quote', () => {
  assert.deepEqual(splitCommandLine(String.raw`'a\nb' 'it\'s' '"'`), ['a\\nb', "it's", '"']);
});

test('unbalanced quotes, and text right behind a closing quote, are refused', () => {
  for (const line of ['"abc', "'abc", 'a "b"c', "'a'b", '"\\"']) {
    assert.equal(splitCommandLine(line), null, line);
  }
});

test('a character outside the basic plane survives', () => {
  assert.deepEqual(splitCommandLine('echo 🦀 "🦀"'), ['echo', '🦀', '🦀']);
});
