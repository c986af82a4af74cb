/** `brooklet/rest`: a database over HTTP, for every host that has Web-standard requests. */
export { handler, type RestDatabase, type RestHandler } from './handler.js';
export type { RestLimits, RestOptions } from './options.js';
