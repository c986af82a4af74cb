/** A database that leaves a tab as a file, and one that comes into a tab as a file. */
import { Brooklet } from '/dist/index.js';

/** Fills a database that the tab keeps, and has the browser save everything in it. */
export async function save({ lines, file }) {
  const db = await Brooklet.open('leaves');
  const connection = db.connect();
  for (const line of lines) await connection.send(line.split(' '));
  const blob = await new Response(db.export()).blob();
  await db.close();
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = file;
  link.click();
}

/** Begins a database with the file that was chosen, and tells what the next opening finds. */
export async function take({ questions }) {
  const [file] = document.querySelector('input').files;
  const db = await Brooklet.open('comes', { import: file });
  await db.close();
  const again = await Brooklet.open('comes');
  const connection = again.connect();
  const answers = [];
  for (const question of questions) answers.push(await connection.send(question.split(' ')));
  await again.close();
  return answers;
}

/** What a database that is there says to a second file. */
export async function takeTwice() {
  const [file] = document.querySelector('input').files;
  return Brooklet.open('comes', { import: file }).then(
    () => 'it was opened',
    (error) => `${error.name}: ${error.message}`,
  );
}
