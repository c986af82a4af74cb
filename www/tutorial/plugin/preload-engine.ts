/** A Vite plugin: lets the browser fetch the engine together with the script that will want it. */
import type { Plugin } from 'vite';

/** Adds a preload link for the one Wasm file of the build to the page. */
export function preloadEngine(): Plugin {
  return {
    name: 'brooklet-preload-engine',
    transformIndexHtml: {
      order: 'post',
      handler(_html, { bundle }) {
        const engines = Object.keys(bundle ?? {}).filter((file) => file.endsWith('.wasm'));
        return engines.map((file) => ({
          tag: 'link',
          attrs: {
            rel: 'preload', as: 'fetch', type: 'application/wasm', crossorigin: true,
            href: `./${file}`,
          },
          injectTo: 'head' as const,
        }));
      },
    },
  };
}
