/** Resolves when a count that has begun hasn't changed for so long. */
export async function quiet(count: () => number, ms: number): Promise<void> {
  for (let before = 0; before === 0 || before !== count();) {
    before = count();
    await new Promise((done) => setTimeout(done, ms));
  }
}
