import { gzipSync } from 'node:zlib';
import { build } from 'vite';
import { expect, it } from 'vitest';

it.each([
  // Without stompjs, and SockJS, which is loaded where it is needed.
  ['client', 12 * 1024],
  ['inbox', 5 * 1024],
])(
  'carillon/client is small: a page loads of its entry %s, all that it may need, less than %i bytes',
  async (entry, maxBytes) => {
    const built = await build({
      configFile: false,
      logLevel: 'silent',
      build: {
        write: false,
        lib: { entry: `client/src/exports/${entry}.ts`, formats: ['es'] },
        rollupOptions: { external: [/^@stomp\/stompjs/, /^sockjs-client/] },
      },
    });
    const outputs = (Array.isArray(built) ? built : [built]).flatMap((one) =>
      'output' in one ? one.output : [],
    );
    const code = outputs.map((one) => (one.type === 'chunk' ? one.code : '')).join('');

    expect(code).toContain(entry === 'client' ? 'stompjs' : 'indexedDB');
    expect(gzipSync(code).length).toBeLessThan(maxBytes);
  },
);
