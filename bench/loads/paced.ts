/** Calls `send` so often in a second, as evenly as timers allow; what is late is made up for. @returns how often */
export async function paced(perSecond: number, seconds: number, send: (i: number) => void): Promise<number> {
  const count = Math.ceil(perSecond * seconds);
  const began = performance.now();
  for (let sent = 0; sent < count;) {
    const due = Math.min(count, ((performance.now() - began) / 1_000) * perSecond);
    for (; sent < due; sent++) send(sent);
    await new Promise((done) => setTimeout(done, 1));
  }
  return count;
}
