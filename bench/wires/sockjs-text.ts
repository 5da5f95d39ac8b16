/** SockJS protocol: what an `a["…"]` holds; undefined for its `o`, `h` and `c`. */
export function textIn(message: string): Buffer | undefined {
  if (!message.startsWith('a')) return undefined;
  return Buffer.from((JSON.parse(message.slice(1)) as string[]).join(''));
}
