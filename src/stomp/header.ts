import { StompError } from '../errors.js';
import { unescape } from './escapes.js';
import type { Version } from './version.js';

export interface Header {
  readonly name: string;
  readonly value: string;
}

/**
 * Reads one header line, without its line end.
 * @param version whose rules it is under; undefined before CONNECTED
 * @throws {StompError} malformed_frame; its message names the header and never shows its value
 */
export function parseHeader(line: string, version: Version | undefined, hasEscapes: boolean): Header {
  // Augmented BNF, header: header-name ":" header-value, where the name has at least one octet. A colon in the value
  // isn't in 1.1's and 1.2's grammar, but written by so many that the first one divides.
  const colon = line.indexOf(':');
  if (colon === -1) throw malformed('A header line has no colon.');
  if (colon === 0) throw malformed('A header line has no name before its colon.');

  const name = line.slice(0, colon);
  const value = line.slice(colon + 1);
  // STOMP 1.2, Augmented BNF: neither name nor value has a CR. In 1.0 and 1.1 it is data.
  if (version === '1.2' && line.includes('\r')) {
    throw malformed(`The header ${quoted(name)} has a CR that is neither escaped nor part of a line end.`);
  }
  // STOMP 1.0 has no rule, but examples with a space after the colon. STOMP 1.1 and 1.2: never trimmed.
  if (version === '1.0') return { name, value: trimmed(value) };
  if (version === undefined || !hasEscapes) return { name, value };

  return { name: unescaped(name, name, version), value: unescaped(value, name, version) };
}

/** Without spaces and tabs around it. A CR stays: it is data where values are trimmed. */
export function trimmed(value: string): string {
  // By hand, since /[ \t]+$/ takes quadratic time over spaces in the middle.
  let start = 0;
  let end = value.length;
  while (start < end && isBlank(value.charCodeAt(start))) start++;
  while (start < end && isBlank(value.charCodeAt(end - 1))) end--;
  return value.slice(start, end);
}

function isBlank(code: number): boolean {
  return code === SPACE || code === TAB;
}

const SPACE = 32;
const TAB = 9;

function unescaped(text: string, name: string, version: Version): string {
  const plain = unescape(text, version);
  if (plain === undefined) {
    throw malformed(`The header ${quoted(name)} has an escape that STOMP ${version} doesn't define.`);
  }
  return plain;
}

function malformed(message: string): StompError {
  return new StompError('malformed_frame', message);
}

/** Peers choose names, and messages reach logs: escaped, and not at any length. */
function quoted(name: string): string {
  return JSON.stringify(name.slice(0, 64));
}
