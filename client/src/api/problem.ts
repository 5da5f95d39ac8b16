import { language } from '../words/language.js';
import { has, say } from '../words/words.js';

/** What is wrong with one field of a request. */
export interface FieldError {
  readonly path: string;
  readonly message: string;
}

/** A refusal by the server: problem+json (RFC 9457) with Carillon's `code`. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    detail: string,
    /** What is wrong with which field. */
    readonly errors: readonly FieldError[] = [],
  ) {
    super(detail);
    this.name = 'Problem';
  }
}

/** The server could not be reached, or answered something that isn't ours. */
export class Unreachable extends Error {
  /** @param consequence what may have been done all the same, since it was the request or only the answer that was lost */
  constructor(
    readonly consequence: Consequence,
    options?: ErrorOptions,
  ) {
    super(`The server can’t be reached: ${consequence}`, options);
    this.name = 'Unreachable';
  }
}

/** Nothing; or perhaps what was asked for; or that, but once however often it is asked for in the same words. */
export type Consequence = 'none' | 'perhaps' | 'once';

/** Whether a request was refused with that code. */
export function hasCode(error: unknown, code: string): error is Problem {
  return error instanceof Problem && error.code === code;
}

/** A sentence for a person: the page’s own words for the server’s codes. */
export function explain(error: unknown): string {
  if (error instanceof Problem) return problemWords(error);
  if (error instanceof Unreachable) return say('problem.unreachable', { consequence: error.consequence });
  return say('problem.page');
}

/** What the server says is English, and for programmers: it is shown where nothing better is known, to English eyes. */
function problemWords({ code, errors, message }: Problem): string {
  const isEnglish = language.get() === 'en';
  if (errors.length > 0) return errors.map((error) => fieldWords(error, isEnglish)).join(' ');
  const sentence = has(`problem.${code}`);
  if (sentence) return say(sentence);
  return isEnglish ? message : say('problem.unknown', { code });
}

function fieldWords({ path, message }: FieldError, isEnglish: boolean): string {
  const name = has(`field.${path}`);
  const field = name ? say(name) : path;
  return isEnglish ? say('problem.field', { field, message }) : say('problem.wrongField', { field });
}
