import type { Frame } from '../stomp/frame.js';

/** A frame's command and headers, its body left out: what is kept of it until it is answered. */
export type FrameHead = Pick<Frame, 'command' | 'headers'>;

/**
 * The body of an ERROR: what was wrong and, where a frame was at fault, which one (STOMP 1.2, ERROR: "to help identify
 * the original frame"). Names of its headers only, escaped and cut: among the values there may be secrets.
 */
export function errorBody(message: string, frame: FrameHead | undefined): string {
  if (!frame) return message;
  const names = [...frame.headers.keys()].slice(0, SHOWN_HEADERS).map(quoted);
  const hidden = frame.headers.size - names.length;
  if (hidden > 0) names.push(`${hidden} more`);
  const headers = names.length > 0 ? `these headers: ${names.join(', ')}` : 'no headers';
  return `${message}\n\nThe frame was ${frame.command}, with ${headers}.\n`;
}

const SHOWN_HEADERS = 20;
const SHOWN_NAME_LENGTH = 64;

function quoted(name: string): string {
  return JSON.stringify(name.slice(0, SHOWN_NAME_LENGTH));
}
