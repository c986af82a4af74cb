/** The page: asks the Worker what there is while somebody looks, and shows what has changed. */

const TOKEN = 'token';
const EVERY_MS = 1000;
/** When nothing has changed for that many times, it asks less often. */
const CALM = 30;
const CALM_EVERY_MS = 5000;

const find = (id) => document.getElementById(id);
const [signIn, board, state, said] = ['sign-in', 'board', 'state', 'said'].map(find);

let timer;
let before = '';
let unchanged = 0;

/** A request with the token; whoever is not let in is asked for another. */
async function call(path, options = {}) {
  const headers = { ...options.headers, authorization: `Bearer ${sessionStorage.getItem(TOKEN)}` };
  const response = await fetch(path, { ...options, headers });
  const answer = await response.json().catch(() => ({ error: `HTTP ${response.status}` }));
  if (response.status === 401) leave(answer.error);
  if (!response.ok) throw new Error(answer.error);
  return answer;
}

function tell(text) {
  said.textContent = text;
}

function show(what, text) {
  if (state.dataset.state === what) return;
  state.dataset.state = what;
  state.textContent = text;
}

function leave(why = '') {
  const wasIn = sessionStorage.getItem(TOKEN) !== null;
  sessionStorage.removeItem(TOKEN);
  clearTimeout(timer);
  board.hidden = find('sign-out').hidden = true;
  signIn.hidden = false;
  show('out', 'Signed out');
  tell(why);
  if (wasIn) find('token').focus();
}

function enter() {
  signIn.hidden = true;
  board.hidden = find('sign-out').hidden = false;
  tell('');
  void look();
}

/** Asks, shows, and does so again in a while. */
async function look() {
  clearTimeout(timer);
  if (document.hidden || sessionStorage.getItem(TOKEN) === null) return;
  try {
    const status = await call('status');
    const now = JSON.stringify([status.groups, status.pending.map(({ id }) => id), status.done]);
    unchanged = now === before ? unchanged + 1 : 0;
    before = now;
    draw(status);
    show('live', 'Live');
  } catch (error) {
    if (sessionStorage.getItem(TOKEN) === null) return;
    show('lost', 'No answer, trying again');
    console.error(error);
  }
  clearTimeout(timer);
  timer = setTimeout(look, unchanged < CALM ? EVERY_MS : CALM_EVERY_MS);
}

function draw({ groups, consumers, pending, done, failed, givenUp }) {
  const [group] = groups;
  find('waiting').textContent = group.lag ?? '?';
  find('pending-count').textContent = group.pending;
  find('delivered').textContent = group['entries-read'] ?? '?';
  find('given-up').textContent = givenUp;
  fill('pending', pending, (it) => [
    it.id,
    [it.name, it.id, it.consumer, span(it.millisecondsSinceLastDelivery), it.deliveriesCounter],
  ]);
  fill('groups', groups, (it) => [
    it.name,
    [it.name, it.consumers, it.pending, it.lag ?? '?', it['last-delivered-id']],
  ]);
  fill('consumers', consumers, (it) => [it.name, [it.name, it.pending, `${span(it.idle)} ago`]]);
  const ended = [...done, ...failed].sort((a, b) => parseInt(b.id) - parseInt(a.id)).slice(0, 10);
  fill('done', ended, ({ id, message: { name, consumer, attempt, why } }) => [
    id,
    [name, outcome(attempt, why), consumer, new Date(parseInt(id)).toLocaleTimeString()],
  ]);
}

function outcome(attempt, why) {
  if (why) return { text: `✗ given up: ${why}`, kind: 'bad' };
  return { text: attempt === '1' ? '✓ done' : `✓ done at attempt ${attempt}`, kind: 'good' };
}

/** Rows keep their place in the document: whoever reads one is not thrown out of it. */
function fill(table, items, rowOf) {
  const body = find(table).tBodies[0];
  const labels = [...find(table).tHead.rows[0].cells].map((cell) => cell.textContent);
  const rows = new Map([...body.rows].map((row) => [row.dataset.key, row]));
  items.map(rowOf).forEach(([key, cells], place) => {
    const row = rows.get(key) ?? document.createElement('tr');
    rows.delete(key);
    row.dataset.key = key;
    row.role = 'row';
    cells.forEach((cell, column) => {
      const { text, kind = '' } = typeof cell === 'object' ? cell : { text: String(cell) };
      const td = row.cells[column] ?? row.insertCell();
      td.role = 'cell';
      td.dataset.label = labels[column];
      if (td.textContent !== text) td.textContent = text;
      td.className = kind;
    });
    if (body.rows[place] !== row) body.insertBefore(row, body.rows[place] ?? null);
  });
  for (const row of rows.values()) row.remove();
}

function span(ms) {
  if (ms < 1000) return 'under 1 s';
  if (ms < 60_000) return `${Math.floor(ms / 1000)} s`;
  return ms < 3_600_000 ? `${Math.floor(ms / 60_000)} min` : `${Math.floor(ms / 3_600_000)} h`;
}

/** Does something for somebody, and says how it went. */
async function attempt(work) {
  try {
    tell(await work());
  } catch (error) {
    if (sessionStorage.getItem(TOKEN) !== null) tell(`That did not work: ${error.message}`);
  }
  unchanged = 0;
  await look();
}

signIn.addEventListener('submit', (event) => {
  event.preventDefault();
  sessionStorage.setItem(TOKEN, find('token').value);
  find('token').value = '';
  enter();
  find('name').focus();
});

find('sign-out').addEventListener('click', () => leave());

find('add').addEventListener('submit', (event) => {
  event.preventDefault();
  const name = find('name').value;
  const job = JSON.stringify({ name, behaviour: find('behaviour').value });
  // A second request with the same key, after a lost answer, adds nothing.
  const headers = { 'content-type': 'application/json', 'idempotency-key': crypto.randomUUID() };
  void attempt(async () => {
    await call('jobs', { method: 'POST', headers, body: job });
    find('name').value = '';
    return `Added ${name}.`;
  });
});

find('work').addEventListener('click', () => {
  void attempt(async () => {
    await call('work', { method: 'POST' });
    return 'A worker takes up what is left.';
  });
});

document.addEventListener('visibilitychange', () => void look());

if (['localhost', '127.0.0.1'].includes(location.hostname)) {
  find('hint').textContent = 'On this machine: only-on-this-machine, see .dev.vars.';
}
if (sessionStorage.getItem(TOKEN) === null) leave();
else enter();
