import { expect, it } from 'vitest';
import { readEvents } from './event-stream.js';

const text =
  'retry: 2000\n\n: hb\nid: e:1\nevent: connected\ndata: Hello\n\n: hb\n\nevent: notification\ndata: {"a":\ndata: "ü😀"}\n\n';

it('reads the same events however their bytes are cut', async () => {
  const bytes = new TextEncoder().encode(text);
  for (const size of [1, 2, 7, bytes.length]) {
    const heard: unknown[][] = [];
    const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
      start(controller) {
        for (let at = 0; at < bytes.length; at += size) controller.enqueue(bytes.slice(at, at + size));
        controller.close();
      },
    });

    await readEvents(body, (...event) => heard.push(event));

    expect(heard).toEqual([
      ['connected', 'Hello', 'e:1'],
      ['notification', '{"a":\n"ü😀"}', undefined],
    ]);
  }
});
