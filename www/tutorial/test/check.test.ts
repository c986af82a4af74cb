/** The check language: every form that LESSONS.md lists, and what is refused with which words. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseCheck } from '../src/check/parse.ts';

test('a subject that only exists has no comparison', () => {
  assert.deepEqual(parseCheck('exists jobs'), {
    source: 'exists jobs',
    negated: false,
    subject: { of: 'key', key: 'jobs' },
    comparison: null,
  });
});

test('every documented form is read', () => {
  const forms: readonly (readonly [string, string])[] = [
    ['type jobs == stream', 'type'],
    ['value counter >= 3', 'value'],
    ['length jobs >= 3', 'length'],
    ['entry jobs 1-0 exists', 'entry'],
    ['xinfo stream jobs entries-added > 2', 'stream-field'],
    ['group jobs workers exists', 'group'],
    ['group jobs workers lag == 0', 'group-field'],
    ['consumer jobs workers alice exists', 'consumer'],
    ['consumer jobs workers alice idle > 60000', 'consumer-field'],
    ['pending jobs workers == 2', 'group-field'],
    ['pending jobs workers alice == 2', 'consumer-field'],
    ['entry-owner jobs workers 1-0 == bob', 'entry-owner'],
    ['entry-deliveries jobs workers 1-0 >= 2', 'entry-deliveries'],
    ['entry-idle jobs workers 1-0 < 1000', 'entry-idle'],
    ['client alice connected', 'client'],
    ['clock advanced >= 60000', 'clock'],
    ['ran XPENDING jobs workers - + *', 'ran'],
    ['last-error starts-with NOGROUP', 'last-error'],
    ['last-reply alice == (nil)', 'last-reply'],
    ['output contains woken', 'output'],
  ];
  for (const [line, of] of forms) assert.equal(parseCheck(line).subject.of, of, line);
});

test('`not` turns a condition round', () => {
  const { negated, subject } = parseCheck('not client alice connected');
  assert.equal(negated, true);
  assert.deepEqual(subject, { of: 'client', name: 'alice' });
});

test('`ran by` names the consumer', () => {
  assert.deepEqual(parseCheck('ran by bob XACK jobs').subject, {
    of: 'ran', consumer: 'bob', words: ['XACK', 'jobs'],
  });
});

test('double quotes keep blanks together, and a value takes the rest of the line', () => {
  const quoted = parseCheck('last-reply alice == "(integer) 0"');
  assert.deepEqual(quoted.comparison, { operator: '==', value: '(integer) 0' });
  const rest = parseCheck('last-error contains no such key');
  assert.deepEqual(rest.comparison, { operator: 'contains', value: 'no such key' });
});

test('what is not in the language is refused with a reason', () => {
  const refused: readonly (readonly [string, RegExp])[] = [
    ['exist jobs', /unknown check `exist`; known are exists/],
    ['exists', /expected KEY, found the end/],
    ['exists jobs now', /did not expect `now`/],
    ['length jobs is 3', /expected an operator .* found `is`/],
    ['length jobs ==', /expected a value, found the end/],
    ['clock moved > 3', /expected `advanced`, found `moved`/],
    ['last-error == "NOGROUP', /a quote is not closed/],
    ['not', /expected a check/],
  ];
  for (const [line, message] of refused) assert.throws(() => parseCheck(line), message, line);
});
