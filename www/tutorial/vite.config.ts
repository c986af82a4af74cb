/** Builds the tutorial into static files that work from any folder of any server. */
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import { lessons } from './plugin/lessons.ts';
import { preloadEngine } from './plugin/preload-engine.ts';

export default defineConfig({
  base: './',
  plugins: [lessons(fileURLToPath(new URL('./lessons', import.meta.url))), preloadEngine()],
  build: { target: 'es2022', assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  preview: { host: '127.0.0.1' },
  server: { host: '127.0.0.1' },
});
