/** Doctors' time is handed out in cells of this length. */
export const cellMinutes = 15;
/** The length of a cell in ms: no appointment begins or ends within one. */
export const cellMs = cellMinutes * 60_000;
