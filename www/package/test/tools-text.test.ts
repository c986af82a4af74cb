/** What the tools print: sizes, names, notes, progress. */
import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { mock, test } from 'node:test';
import type { WriteStream } from 'node:tty';
import { reporterTo } from '#dist/tools/reporter.js';
import { countText, nameText, sizeText } from '#dist/tools/text.js';

test('sizes, counts and names are for people', () => {
  const sizes = [0, 1, 999, 1000, 123_456, 999_949, 999_950, 5e9, 7e15].map(sizeText);
  assert.deepEqual(sizes, [
    ...['0 bytes', '1 byte', '999 bytes', '1.0 kB', '123.5 kB', '999.9 kB'],
    ...['1.0 MB', '5.0 GB', '7000.0 TB'],
  ]);
  assert.deepEqual(
    [1, 12_345].map((count) => countText(count, 'key')),
    ['1 key', '12,345 keys'],
  );
  const names = ['jobs', 'a "b"\n', 'ä'].map((name) => nameText(new TextEncoder().encode(name)));
  assert.deepEqual(names, ['"jobs"', '"a \\"b\\"\\n"', '"ä"']);
  assert.equal(nameText(Uint8Array.of(0xff, 0x22, 0x61)), '"\\xff\\"a"');
});

/** A stream, and what was written to it. */
function output(isTTY: boolean) {
  const stream = new PassThrough();
  let text = '';
  stream.setEncoding('utf8').on('data', (more: string) => (text += more));
  return {
    stream: Object.assign(stream, { isTTY, columns: 80 }) as unknown as WriteStream,
    text: () => text,
  };
}

test('progress is shown on a terminal, when it takes a while', () => {
  mock.timers.enable({ apis: ['Date'] });
  try {
    for (const isTTY of [true, false]) {
      const { stream, text } = output(isTTY);
      const progress = reporterTo(stream).begin('Reading', 4_000_000, 'bytes');
      progress.advance(1_000_000);
      assert.equal(text(), '', 'not before it is worth it');
      mock.timers.tick(1000);
      progress.advance(1_000_000);
      progress.end();
      const shown = /Reading .* 50% · 2\.0 MB of 4\.0 MB · /.test(text());
      assert.equal(shown, isTTY);
      assert.equal(text() === '', !isTTY);
    }
  } finally {
    mock.timers.reset();
  }
});

test('notes are lines, and warnings have a colour where there is one', () => {
  const [terminal, file] = [output(true), output(false)];
  for (const { stream } of [terminal, file]) {
    const reporter = reporterTo(stream);
    reporter.note('done');
    reporter.warn('careful');
  }
  assert.equal(file.text(), 'done\ncareful\n');
  assert.match(terminal.text(), /^done\n(\x1b\[33mcareful\x1b\[0m|careful)\n$/);
});
