import { hasEscapes } from './frame.js';
import { refusals } from './refusals.js';
import type { Version } from './version.js';

/** One header, unescaped. */
export interface Header {
  readonly name: string;
  readonly value: string;
}

/**
 * Reads one header line, without its line end.
 * @param command of its frame
 * @param version whose rules it is under; undefined before CONNECTED
 * @throws {Refusal} malformed_frame
 */
export function parseHeader(line: string, command: string, version: Version | undefined): Header {
  // Augmented BNF: header = header-name ":" header-value, where the name has at least one octet. A colon in the value
  // isn't in 1.1's and 1.2's grammar, but written by so many that the first one divides.
  const colon = line.indexOf(':');
  if (colon === -1) throw refusals.headerWithoutColon();
  if (colon === 0) throw refusals.headerWithoutName();

  const name = line.slice(0, colon);
  const value = line.slice(colon + 1);
  // STOMP 1.2, Augmented BNF: neither name nor value has a CR. In 1.0 and 1.1 it is data.
  if (version === '1.2' && line.includes('\r')) throw refusals.strayCr(name);
  // 1.0 has no rule, but examples with a space after the colon. 1.1 and 1.2: "MUST never trim or pad".
  if (version === '1.0') return { name, value: trimmed(value) };
  if (version === undefined || !hasEscapes(command)) return { name, value };

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

/**
 * Reads a header's value as a whole number, not negative, of decimal digits. Spaces around it, which 1.1 and 1.2 leave in
 * the value, say nothing, and leading zeros neither.
 * @returns undefined where it isn't one; Infinity where it is longer than any that a limit allows
 */
export function wholeNumberOf(value: string): number | undefined {
  const digits = trimmed(value);
  return /^\d+$/.test(digits) ? Number(digits) : undefined;
}

function isBlank(code: number): boolean {
  return code === SPACE || code === TAB;
}

const SPACE = 32;
const TAB = 9;

// STOMP 1.2, Value Encoding: "Undefined escape sequences such as \t MUST be treated as a fatal protocol error."
function unescaped(text: string, name: string, version: Version): string {
  const plain = unescape(text, version);
  if (plain === undefined) throw refusals.undefinedEscape(name, version);
  return plain;
}

/**
 * Escapes a header's name or value. In 1.0 there are no escapes: the text stays as it is.
 * @see STOMP 1.2, Value Encoding; STOMP 1.1, Value Encoding
 */
export function escape(text: string, version: Version): string {
  if (version === '1.0') return text;

  const { octets, letters } = escapes[version];
  // Looking first is four times as fast, and most headers have nothing to escape.
  if (text.search(octets) === -1) return text;
  return text.replace(octets, (octet) => `\\${letters.get(octet)}`);
}

/**
 * Reads a header's name or value.
 * @returns undefined where the text has an escape that this version doesn't define
 * @see STOMP 1.2, Value Encoding: "Undefined escape sequences such as \t MUST be treated as a fatal protocol error."
 */
export function unescape(text: string, version: Version): string | undefined {
  if (version === '1.0' || !text.includes('\\')) return text;

  const { meanings } = escapes[version];
  let isDefined = true;
  const plain = text.replace(/\\(.?)/g, (_, letter: string) => {
    const octet = meanings.get(letter);
    if (octet === undefined) isDefined = false;
    return octet ?? '';
  });
  return isDefined ? plain : undefined;
}

interface Escapes {
  /** The octets that must not stand in a header as they are. */
  readonly octets: RegExp;
  readonly letters: ReadonlyMap<string, string>;
  readonly meanings: ReadonlyMap<string, string>;
}

const escapes: Readonly<Record<'1.1' | '1.2', Escapes>> = {
  // CR is plain data in 1.1, so that \r is an undefined escape there.
  '1.1': tableOf(/[\\:\n]/g, [
    ['\n', 'n'],
    [':', 'c'],
    ['\\', '\\'],
  ]),
  '1.2': tableOf(/[\\:\n\r]/g, [
    ['\r', 'r'],
    ['\n', 'n'],
    [':', 'c'],
    ['\\', '\\'],
  ]),
};

function tableOf(octets: RegExp, pairs: [octet: string, letter: string][]): Escapes {
  return {
    octets,
    letters: new Map(pairs),
    meanings: new Map(pairs.map(([octet, letter]) => [letter, octet])),
  };
}
