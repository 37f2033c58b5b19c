import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import { compressed, emoji, serviceWorker } from './build.js';

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

// The page goes where the server looks for it. Everything under assets/ has a hash in its name and never changes.
export default defineConfig({
  base: './',
  plugins: [emoji(), serviceWorker(path('src/sw.js')), compressed()],
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  resolve: { alias: { 'confab-client': path('../client/src/index.ts') } },
  build: {
    outDir: path('../../src/Confab.Server/wwwroot'),
    emptyOutDir: true,
    target: 'es2023',
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    rolldownOptions: {
      output: { chunkFileNames: ({ facadeModuleId }) => `assets/${facadeModuleId?.includes('virtual:emoji') ? 'emoji-' : ''}[name]-[hash].js` },
    },
  },
});
