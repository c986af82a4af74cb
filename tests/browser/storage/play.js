/** Plays scenes in the window or in a worker; what they throw comes back as an error. */
const workers = new Map();

/** Plays `file/scene` where it is told to; files lie beside this one, or are named from the top. */
export async function play(scene, args, where, stay) {
  if (where === 'window') return playHere(scene, args);
  const worker = workers.get(stay) ?? start(where);
  if (stay !== undefined) workers.set(stay, worker);
  try {
    return await ask(worker, { scene, args });
  } finally {
    if (stay === undefined) end(worker);
  }
}

/** Ends a worker that stayed. */
export function terminate(stay) {
  end(workers.get(stay));
  workers.delete(stay);
}

/** Plays a scene in this context. */
export async function playHere(scene, args) {
  const [name, ...path] = scene.split('/').reverse();
  const scenes = await import(new URL(`${path.reverse().join('/')}.js`, import.meta.url));
  return scenes[name](args);
}

function start(where) {
  const url = '/storage/worker.js';
  const name = String(Math.random());
  if (where === 'shared') return new SharedWorker(url, { type: 'module', name });
  return new Worker(url, { type: 'module' });
}

function ask(worker, request) {
  return new Promise((resolve, reject) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = ({ data }) => {
      if ('error' in data) reject(new Error(data.error));
      else resolve(data.result);
    };
    worker.onerror = (event) => reject(new Error(`the worker failed: ${event.message}`));
    (worker.port ?? worker).postMessage(request, [port2]);
  });
}

function end(worker) {
  worker.terminate?.();
  worker.port?.close();
}
