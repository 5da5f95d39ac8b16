import { request } from 'node:http';
import { tell, type Listener, type OpenStream } from './stream.js';

/** Server-Sent Events, read as the HTML standard says a browser does. */
export const serverSentEvents: OpenStream = ({ port, token, since, random, listener }) => {
  let isOver = false;
  let end: () => void;
  const ended = new Promise<void>((resolve) => (end = resolve));
  const close = (): void => {
    isOver = true;
    asked.destroy();
    end();
  };

  // What a page writes, and what a browser adds by itself when it comes back.
  const isReturning = random.chance(0.5);
  const asked = request({
    port,
    host: '127.0.0.1',
    path: `/api/notifications/stream${isReturning ? '' : `?since=${encodeURIComponent(since)}`}`,
    headers: { Authorization: `Bearer ${token}`, ...(isReturning && { 'Last-Event-ID': since }) },
    agent: false,
  });
  asked.on('error', close);
  asked.on('response', (response) => {
    if (response.statusCode !== 200) {
      listener.refused(`status ${response.statusCode}`);
      return close();
    }
    const parser = new EventParser(listener);
    response.setEncoding('utf8');
    response.on('data', (text: string) => isOver || parser.push(text, () => isOver));
    response.on('error', close);
    response.on('close', close);
  });
  asked.end();
  return { ended, close };
};

class EventParser {
  #line = '';
  #id = '';
  #event = '';
  #data: string[] = [];

  constructor(private readonly listener: Listener) {}

  push(text: string, isOver: () => boolean): void {
    const lines = (this.#line + text).split('\n');
    this.#line = lines.pop() ?? '';
    for (const line of lines) {
      if (isOver()) return;
      this.#take(line);
    }
  }

  #take(line: string): void {
    if (line === '') return this.#dispatch();
    const [, name, value = ''] = /^([^:]*):? ?(.*)$/s.exec(line) ?? [];
    if (name === 'id') this.#id = value;
    if (name === 'event') this.#event = value;
    if (name === 'data') this.#data.push(value);
  }

  #dispatch(): void {
    const [event, body] = [this.#event, this.#data.join('\n')];
    this.#event = '';
    this.#data = [];
    // From here on a browser comes back with this id, whatever its page makes of the event.
    if (event === 'connected' && this.#id !== '') this.listener.moved(this.#id);
    else if (event !== 'connected' && body !== '') tell(this.listener, event, this.#id, body);
  }
}
