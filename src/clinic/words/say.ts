import { de } from './de.js';
import { en, type Messages } from './en.js';
import { speaking } from './speaking.js';

/** One of the server's texts, in a language. */
export const say = speaking<Messages>({ en, de });
