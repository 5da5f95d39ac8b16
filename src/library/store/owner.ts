/** The owner of the units of work, and of the questions, that a user causes. @param id the user's */
export function ownerOf(id: number): string {
  return `user ${id}`;
}
