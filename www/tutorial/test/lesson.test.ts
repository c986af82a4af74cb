/** The lesson format: a whole file, and file and line in every complaint. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readLesson } from '../plugin/read-lesson.ts';

const HEAD = [
  '---', 'title: T', 'order: 7', 'summary: S', 'consumers: alice, bob', 'setup:',
  '  - XADD jobs 1-0 a b', '---', '',
].join('\n');

function fence(info: string, ...lines: readonly string[]): string {
  return ['```' + info, ...lines, '```', ''].join('\n');
}

const STEP = ['## One', '', 'Do *it*.', '', fence('run bob', 'XLEN jobs'),
  fence('check', 'exists jobs  # yes', '', 'length jobs == 1')].join('\n');

test('a lesson is read whole', () => {
  const lesson = readLesson('lessons/7-ends-well.md', `${HEAD}Hello.\n\n${STEP}\n---\n\nBye.\n`);
  assert.equal(lesson.slug, 'ends-well');
  assert.equal(lesson.order, 7);
  assert.deepEqual(lesson.consumers, ['alice', 'bob']);
  assert.deepEqual(lesson.setup, ['XADD jobs 1-0 a b']);
  assert.match(lesson.intro, /<p>Hello\.<\/p>/);
  assert.match(lesson.outro, /<p>Bye\.<\/p>/);
  const [step] = lesson.steps;
  assert.equal(step?.title, 'One');
  assert.deepEqual(step?.suggestions, [{ kind: 'command', consumer: 'bob', text: 'XLEN jobs' }]);
  assert.deepEqual(step?.checks.map(({ source }) => source), ['exists jobs', 'length jobs == 1']);
  assert.deepEqual(step?.blocks.map(({ kind }) => kind), ['prose', 'suggestion']);
});

test('durations, kills and scripts are offers too', () => {
  const text = [HEAD, '## One', fence('advance', '2h'), fence('kill', 'alice'),
    fence('script', 'log(1);', 'log(2);'), fence('check', 'exists jobs')].join('\n');
  assert.deepEqual(readLesson('a.md', text).steps[0]?.suggestions, [
    { kind: 'advance', ms: 7_200_000 },
    { kind: 'kill', consumer: 'alice' },
    { kind: 'script', code: 'log(1);\nlog(2);' },
  ]);
});

test('a complaint names file and line', () => {
  const complaints: readonly (readonly [string, RegExp])[] = [
    ['no front matter', /^a\.md:1: expected `---`/],
    [HEAD.replace('order: 7', 'order: x') + STEP, /^a\.md:1: `order` must be a whole number/],
    [HEAD.replace('title: T', 'titel: T') + STEP, /^a\.md:1: unknown key `titel`/],
    [HEAD.replace('title: T', 'title = T') + STEP, /^a\.md:2: expected `key: value`/],
    [HEAD + 'Only prose.\n', /^a\.md:\d+: a lesson needs at least one/],
    [HEAD + '## One\n\nNothing to check.\n', /^a\.md:9: step "One" has no `check` block/],
    [HEAD + '## One\n\n' + fence('check', 'exists jobs', 'exits jobs'), /^a\.md:13: unknown check/],
    [HEAD + '## One\n\n' + fence('run carol', 'PING'), /^a\.md:11: `carol` is not among/],
    [HEAD + '## One\n\n' + fence('run', 'PING', 'PING'), /^a\.md:11: a `run` block holds one line/],
    [HEAD + '## One\n\n' + fence('advance', 'soon'), /^a\.md:11: `soon` is not a duration/],
    [HEAD + fence('run', 'PING') + STEP, /^a\.md:9: a `run` block outside of a step/],
  ];
  for (const [text, message] of complaints) {
    assert.throws(() => readLesson('a.md', text), (error: Error) => {
      assert.match(error.message, message);
      return true;
    });
  }
});
