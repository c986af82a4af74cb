/** Hints, completion and help, from documentation in the form of COMMAND DOCS. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Assistant, type ArgumentDoc, type CommandDoc } from 'brooklet/repl';

function argument(name: string, more: Partial<ArgumentDoc> = {}): ArgumentDoc {
  return {
    name,
    type: 'string',
    token: undefined,
    optional: false,
    multiple: false,
    multipleToken: false,
    parts: [],
    ...more,
  };
}

const token = (text: string, more: Partial<ArgumentDoc> = {}): ArgumentDoc =>
  argument(text.toLowerCase(), { type: 'pure-token', token: text, ...more });
const oneof = (parts: ArgumentDoc[], more: Partial<ArgumentDoc> = {}): ArgumentDoc =>
  argument('choice', { type: 'oneof', parts, ...more });
const block = (parts: ArgumentDoc[], more: Partial<ArgumentDoc> = {}): ArgumentDoc =>
  argument('block', { type: 'block', parts, ...more });

function command(name: string, syntax: ArgumentDoc[], subcommands: CommandDoc[] = []): CommandDoc {
  const facts = { summary: 'Does it.', since: '5.0.0', group: 'stream', complexity: 'O(1)' };
  return { name, ...facts, syntax, subcommands };
}

const optional = { optional: true };
const assistant = new Assistant([
  command('XADD', [
    argument('key', { type: 'key' }),
    token('NOMKSTREAM', optional),
    block(
      [
        oneof([token('MAXLEN'), token('MINID')]),
        oneof([token('='), token('~')], optional),
        argument('threshold'),
        argument('count', { token: 'LIMIT', optional: true }),
      ],
      optional,
    ),
    oneof([token('*'), argument('id')]),
    block([argument('field'), argument('value')], { multiple: true }),
  ]),
  command('XREAD', [
    argument('count', { token: 'COUNT', optional: true }),
    argument('milliseconds', { token: 'BLOCK', optional: true }),
    block([argument('key', { multiple: true }), argument('id', { multiple: true })], {
      token: 'STREAMS',
    }),
  ]),
  command('XPENDING', [
    argument('key'),
    argument('group'),
    block(
      [
        argument('min-idle-time', { token: 'IDLE', optional: true }),
        argument('start'),
        argument('end'),
        argument('count'),
        argument('consumer', optional),
      ],
      optional,
    ),
  ]),
  command('XCLAIM', [
    argument('id', { multiple: true }),
    argument('ms', { token: 'IDLE', optional: true }),
    token('FORCE', optional),
  ]),
  command('XGROUP', [], [
    command('XGROUP CREATE', [
      argument('key'),
      argument('group'),
      oneof([argument('id'), token('$')]),
      token('MKSTREAM', optional),
    ]),
    command('XGROUP DESTROY', [argument('key'), argument('group')]),
  ]),
]);

test('the hint shows the whole syntax behind the name', () => {
  assert.equal(
    assistant.hint('XADD'),
    ' key [NOMKSTREAM] [<MAXLEN | MINID> [= | ~] threshold [LIMIT count]] <* | id>' +
      ' field value [field value ...]',
  );
  assert.equal(
    assistant.hint('XREAD '),
    '[COUNT count] [BLOCK milliseconds] STREAMS key [key ...] id [id ...]',
  );
});

test('what was typed is no longer shown', () => {
  const entry = '<* | id> field value [field value ...]';
  assert.equal(
    assistant.hint('xadd s MAXLEN ~ '),
    `threshold [LIMIT count] [NOMKSTREAM] ${entry}`,
  );
  assert.equal(assistant.hint('xadd s nomkstream maxlen 10 '), `[LIMIT count] ${entry}`);
  assert.equal(assistant.hint('xadd s * '), 'field value [field value ...]');
  assert.equal(assistant.hint('xadd s * a '), 'value [field value ...]');
  assert.equal(assistant.hint('xadd s * a 1 '), '[field value ...]');
});

test('options may come in any order', () => {
  assert.equal(
    assistant.hint('xread block '),
    'milliseconds [COUNT count] STREAMS key [key ...] id [id ...]',
  );
  assert.equal(assistant.hint('xread block 5 count 1 '), 'STREAMS key [key ...] id [id ...]');
});

test('an option word ends a list of values', () => {
  assert.equal(assistant.hint('xclaim 1-1 '), '[id ...] [IDLE ms] [FORCE]');
  assert.equal(assistant.hint('xclaim 1-1 1-2 idle '), 'ms [FORCE]');
});

test('an optional block opens with its first word', () => {
  const range = 'start end count [consumer]';
  assert.equal(assistant.hint('xpending s g '), `[[IDLE min-idle-time] ${range}]`);
  assert.equal(assistant.hint('xpending s g idle '), `min-idle-time ${range}`);
  assert.equal(assistant.hint('xpending s g - '), 'end count [consumer]');
});

test('subcommands have hints of their own', () => {
  assert.equal(assistant.hint('xgroup '), '<subcommand>');
  assert.equal(assistant.hint('xgroup create s g'), ' <id | $> [MKSTREAM]');
  assert.equal(assistant.hint('xgroup create s g $ mkstream '), '');
});

test('what is no command has no hint', () => {
  for (const line of ['', '   ', 'nosuch ', '"unbalanced']) {
    assert.equal(assistant.hint(line), '');
  }
});

test('completion knows names, subcommands and option words, in the case that was typed', () => {
  assert.deepEqual(assistant.complete('XR'), ['XREAD']);
  assert.deepEqual(assistant.complete('xgroup '), ['xgroup create', 'xgroup destroy']);
  assert.deepEqual(assistant.complete('xread bl'), ['xread block']);
  assert.deepEqual(assistant.complete('help xa'), ['help xadd']);
  assert.deepEqual(assistant.complete(''), []);
});

test('help prints syntax and summary', () => {
  const page = assistant.help('xgroup destroy');
  assert.match(page, /XGROUP DESTROY key group\n {2}summary: Does it\./);
  assert.match(assistant.help('@stream'), /XREAD[^]*XPENDING/);
  assert.equal(assistant.help('nosuch'), '');
});
