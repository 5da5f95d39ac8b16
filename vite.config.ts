import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { compressedFiles } from './client/vite/compressed-files.js';
import { offlineShell } from './client/vite/offline-shell.js';

const server = 'http://127.0.0.1:8080';

export default defineConfig({
  root: 'client',
  // Relative, so that the page works wherever a proxy puts it.
  base: './',
  // Not below dist/, which `nest build` wipes.
  // One script for all pages, 130 KB as it travels: what was loaded once works in a lift, too.
  build: { outDir: '../dist-client', emptyOutDir: true, chunkSizeWarningLimit: 600 },
  server: { proxy: { '/api': server, '/ws': { target: server, ws: true } } },
  plugins: [react(), compressedFiles(), offlineShell()],
});
