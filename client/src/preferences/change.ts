import type { PreferencesChange } from '../api/preferences.js';

/** A part of the page changes the preferences by this. */
export type Change = (change: PreferencesChange) => void;
