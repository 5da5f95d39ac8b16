/** Characters of a new password, at least. NIST SP 800-63B, 5.1.1.2: at least 8, and no rules about which characters. */
export const minPasswordLength = 8;

/** Characters of a person's name, at most. */
export const maxNameLength = 100;

/** Characters of the reason for a booking or a cancellation, at most: as long as its column. */
export const maxReasonLength = 500;

/** Characters of a message in a conversation, at most. */
export const maxMessageLength = 4_000;

/** Characters of a conversation's title, at most: as long as its column. */
export const maxTitleLength = 100;

/** Characters of a word to the patient of an appointment, at most. */
export const maxPatientMessageLength = 1_000;
