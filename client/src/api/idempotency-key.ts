/** A key for one intention of the user, so that a double click or a retry books once. */
export function idempotencyKey(): string {
  // Not randomUUID: it is missing where the page is served over plain HTTP from another machine.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
