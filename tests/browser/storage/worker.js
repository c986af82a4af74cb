/** A worker that plays the scenes that it is sent. */
import { playHere } from './play.js';

async function onRequest({ data, ports }) {
  try {
    ports[0].postMessage({ result: await playHere(data.scene, data.args) });
  } catch (error) {
    ports[0].postMessage({ error: error?.stack ?? String(error) });
  }
}

self.onmessage = onRequest;
self.onconnect = ({ ports }) => {
  ports[0].onmessage = onRequest;
};
