/** One stream as a table: a column an entry, a row a group, a cell what the group knows of it. */
import type { Consumer, Entry, Group, PendingEntry, Stream } from '../engine/snapshot.ts';
import { h } from '../ui/dom.ts';
import { compareIds, shortId } from './entry-id.ts';

/** How many of the newest entries have a column. */
const COLUMNS = 40;
/** How many of an entry's fields are written out. */
const PAIRS = 2;

/** A pending entry together with its owner. */
interface Owned extends PendingEntry {
  readonly owner: string;
}

/** The section of one stream. */
export function streamSection(stream: Stream, consumers: readonly string[]): HTMLElement {
  const shown = stream.entries.slice(-COLUMNS);
  const entries = stream.length === 1 ? '1 entry' : `${stream.length} entries`;
  return h('section', { class: 'stream', 'aria-label': `Stream ${stream.key}` },
    h('header', {},
      h('h3', {}, stream.key),
      h('p', { class: 'facts' }, `${entries} · last ID `,
        h('span', { class: 'id', title: stream.lastId }, shortId(stream.lastId)))),
    strip(stream, shown, consumers),
    ...stream.groups.map((group) => groupCard(group, stream, consumers)));
}

function strip(
  stream: Stream,
  shown: readonly Entry[],
  consumers: readonly string[],
): HTMLElement {
  const hidden = stream.length - shown.length;
  const label = `Entries of ${stream.key}`;
  if (stream.length === 0) return h('p', { class: 'empty' }, 'The stream is empty.');
  const corner = hidden > 0 ? `${hidden} more` : 'entries';
  const table = h('table', {},
    h('thead', {}, h('tr', {}, h('th', { scope: 'col', class: 'corner' }, corner),
      ...shown.map(entryHead))),
    h('tbody', {}, ...stream.groups.map((group) => groupRow(group, shown, consumers))));
  return h('div', { class: 'brook' },
    h('div', { class: 'strip', tabindex: 0, role: 'region', 'aria-label': label }, table));
}

function entryHead(entry: Entry): HTMLElement {
  const pairs: string[] = [];
  for (let at = 0; at + 1 < entry.fields.length; at += 2) {
    pairs.push(`${entry.fields[at]} ${entry.fields[at + 1]}`);
  }
  return h('th', { scope: 'col', class: 'entry', title: `${entry.id}\n${pairs.join('\n')}` },
    h('span', { class: 'id' }, shortId(entry.id)),
    ...pairs.slice(0, PAIRS).map((pair) => h('span', { class: 'fields' }, pair)),
    pairs.length > PAIRS && h('span', { class: 'more' }, `+${pairs.length - PAIRS}`));
}

function groupRow(
  group: Group,
  shown: readonly Entry[],
  consumers: readonly string[],
): HTMLElement {
  const pending = new Map<string, Owned>();
  for (const consumer of group.consumers) {
    for (const each of consumer.pending) pending.set(each.id, { ...each, owner: consumer.name });
  }
  return h('tr', {},
    h('th', { scope: 'row' }, group.name),
    ...shown.map(({ id }) => cell(id, group, pending.get(id), consumers)));
}

function cell(
  id: string,
  group: Group,
  pending: Owned | undefined,
  consumers: readonly string[],
): HTMLElement {
  const isLast = id === group.lastDeliveredId;
  const classes = isLast ? 'cell last-delivered' : 'cell';
  const mark = isLast && h('span', { class: 'visually-hidden' }, ', last delivered');
  if (pending) {
    const who = colour(pending.owner, consumers);
    return h('td', { class: `${classes} is-pending`, 'data-consumer': who },
      h('span', { class: 'owner' }, pending.owner),
      h('span', { class: 'since', 'data-since': pending.deliveredAt }), mark);
  }
  if (compareIds(id, group.lastDeliveredId) > 0) {
    return h('td', { class: `${classes} is-waiting` }, 'not delivered');
  }
  return h('td', { class: `${classes} is-done` }, 'done', mark);
}

function groupCard(group: Group, stream: Stream, consumers: readonly string[]): HTMLElement {
  const facts: readonly (readonly [string, string, string])[] = [
    ['last delivered', shortId(group.lastDeliveredId), group.lastDeliveredId],
    ['lag', group.lag === null ? 'unknown' : String(group.lag),
      'entries that the group has not been given yet'],
    ['pending', String(group.pendingCount), 'entries given and not acknowledged'],
  ];
  return h('section', { class: 'group', 'aria-label': `Group ${group.name} of ${stream.key}` },
    h('header', {}, h('h4', {}, h('span', { class: 'kind' }, 'group '), group.name),
      h('dl', {}, ...facts.map(([name, value, title]) =>
        h('div', { title }, h('dt', {}, name), h('dd', {}, value))))),
    group.consumers.length === 0
      ? h('p', { class: 'empty' }, 'No consumer has read through this group yet.')
      : h('ul', { class: 'consumers' },
        ...group.consumers.map((each) => consumerCard(each, stream, consumers))));
}

function consumerCard(
  consumer: Consumer,
  stream: Stream,
  consumers: readonly string[],
): HTMLElement {
  const present = new Set(stream.entries.map(({ id }) => id));
  const owes = consumer.pendingCount === 0 ? 'owes nothing' : `${consumer.pendingCount} pending`;
  return h('li', { class: 'consumer', 'data-consumer': colour(consumer.name, consumers) },
    h('p', { class: 'who' },
      h('strong', {}, consumer.name), ` ${owes} · seen `,
      h('span', { 'data-since': consumer.seenAt }), ' ago'),
    consumer.pending.length > 0 && h('ul', { class: 'pending' },
      ...consumer.pending.slice(0, COLUMNS).map((each) =>
        pendingChip(each, present.has(each.id) || stream.length > stream.entries.length))));
}

function pendingChip(pending: PendingEntry, present: boolean): HTMLElement {
  const times = pending.deliveries === 1 ? 'delivered once' : `delivered ${pending.deliveries}×`;
  return h('li', { class: present ? 'chip' : 'chip is-deleted', title: pending.id },
    h('span', { class: 'id' }, shortId(pending.id)),
    h('span', {}, 'idle ', h('span', { 'data-since': pending.deliveredAt })),
    h('span', { class: 'deliveries' }, times),
    !present && h('span', {}, 'deleted'));
}

/** A consumer's colour: that of its terminal, or one of the same palette for others. */
function colour(name: string, consumers: readonly string[]): number {
  const at = consumers.indexOf(name);
  if (at >= 0) return at % 4;
  return [...name].reduce((sum, letter) => sum + (letter.codePointAt(0) ?? 0), 0) % 4;
}
