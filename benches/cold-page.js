/** The page of the cold start: the package's first entry, as an application would ask for it. */
import { Brooklet } from '../www/package/dist/index.js';

const db = await Brooklet.create();
await db.client().xAdd('s', '*', { f: 'v' });
