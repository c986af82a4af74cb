/** A process that holds a directory until it is ended: for tests of the lock. */
import { DirectoryStore } from '#dist/storage/directory/index.js';

const store = await new DirectoryStore(process.argv[2] as string).open('always');
const end = store.files.at(-1)?.bytes ?? 0;
await store.start(1, end);
await store.append(new TextEncoder().encode('held.') as Uint8Array<ArrayBuffer>);
process.stdout.write('held\n');
process.stdin.resume().on('end', () => void store.close());
