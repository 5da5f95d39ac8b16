import { trimmed } from './header.js';

/**
 * Reads a header's value as a whole number, not negative, of decimal digits. Spaces around it, which 1.1 and 1.2 leave in
 * the value, say nothing, and leading zeros neither.
 * @returns undefined where it isn't one; Infinity where it is longer than any that a limit allows
 */
export function wholeNumberOf(value: string): number | undefined {
  const digits = trimmed(value);
  return /^\d+$/.test(digits) ? Number(digits) : undefined;
}
