/** Doctors' time is handed out in cells of this length. */
export const cellMinutes = 15;
export const cellMs = cellMinutes * 60_000;
