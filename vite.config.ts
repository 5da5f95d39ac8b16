import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { compressedFiles } from './client/vite/compressed-files.js';

const server = 'http://127.0.0.1:8080';

export default defineConfig({
  root: 'client',
  // Relative, so that the page works wherever a proxy puts it.
  base: './',
  // Not below dist/, which `nest build` wipes.
  build: { outDir: '../dist-client', emptyOutDir: true },
  server: { proxy: { '/api': server, '/ws': { target: server, ws: true } } },
  plugins: [react(), compressedFiles()],
});
