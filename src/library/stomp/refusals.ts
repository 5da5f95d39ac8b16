import { Refusal } from '../errors.js';
import type { Version } from './version.js';

/**
 * Every way in which bytes fail to be a frame. What a peer wrote is shown escaped and not at any length; values of
 * headers are never shown, since some are secrets.
 */
export const refusals = {
  unknownCommand: (command: string) =>
    new Refusal('unknown_command', `${quoted(command)} is not a command of STOMP.`),
  noCommand: (byte: number) =>
    malformed(`A frame starts with a command; the byte ${byte} is in its first line.`),

  headerNotUtf8: () => malformed('A header line is not UTF-8.'),
  headerWithoutColon: () => malformed('A header line has no colon.'),
  headerWithoutName: () => malformed('A header line has no name before its colon.'),
  noBlankLine: () => malformed('A NUL stands where a header or the blank line before the body is due.'),
  strayCr: (name: string) =>
    malformed(`The header ${quoted(name)} has a CR that is neither escaped nor part of a line end.`),
  undefinedEscape: (name: string, version: Version) =>
    malformed(`The header ${quoted(name)} has an escape that STOMP ${version} doesn't define.`),
  notACount: () => malformed('The header "content-length" must be a number of bytes.'),

  bodyNotAllowed: (command: string) =>
    malformed(`${command} must not have a body: only SEND, MESSAGE and ERROR may.`),
  noNul: (length: number) => malformed(`No NUL follows the ${length} bytes that "content-length" counts.`),

  tooManyHeaders: (limit: number) => tooLarge(`A frame may have ${limit} headers at most.`),
  headerTooLong: (limit: number) => tooLarge(`A header line may have ${limit} bytes at most.`),
  connectTooLarge: (limit: number) => tooLarge(`CONNECT may have ${limit} bytes at most.`),
  bodyTooLarge: (limit: number) => tooLarge(`A body may have ${limit} bytes at most.`),
};

function malformed(message: string): Refusal {
  return new Refusal('malformed_frame', message);
}

function tooLarge(message: string): Refusal {
  return new Refusal('frame_too_large', message);
}

function quoted(text: string): string {
  return JSON.stringify(text.slice(0, 64));
}
