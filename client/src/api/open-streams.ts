import type { StreamEvents } from '../connection/lookout.js';
import { readEvents } from './event-stream.js';

/** What the event streams of the page need. */
export interface Streams {
  readonly api: URL;
  token(): Promise<string | undefined>;
  onAnnouncement(body: unknown): void;
}

/** The own notifications and the announcements as Server-Sent Events. Resolves when one of the two has ended. */
export async function openStreams(streams: Streams, { signal, onOpen, onNews }: StreamEvents): Promise<void> {
  const token = await streams.token();
  const leave = new AbortController();
  signal.addEventListener('abort', () => leave.abort(), { signal: leave.signal });
  if (signal.aborted) leave.abort();

  async function open(path: string, onEvent: (name: string, data: string) => void): Promise<void> {
    const { body, ok } = await fetch(streams.api.href + path, {
      headers: { Accept: 'text/event-stream', Authorization: `Bearer ${token}` },
      signal: leave.signal,
    });
    if (ok && body) await readEvents(body, onEvent);
  }

  try {
    await Promise.race([
      open('/notifications/stream', (name) => {
        if (name === 'connected') onOpen();
        else onNews();
      }),
      open('/events?topic=/topic/announcements', (name, data) => {
        // Not the greeting, and not the verdict on a position.
        if (name === 'announcement' || name === 'message') streams.onAnnouncement(JSON.parse(data));
      }),
    ]);
  } finally {
    leave.abort();
  }
}
