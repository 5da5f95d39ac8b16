/** A piece of a text; `url` where it is a web address. */
export interface TextPart {
  readonly text: string;
  readonly url?: string;
}

/** Cuts a text at the web addresses in it. Other schemes stay text: a link never runs anything. */
export function partsOf(text: string): readonly TextPart[] {
  const parts: TextPart[] = [];
  let done = 0;
  for (const { 0: found, index } of text.matchAll(/\bhttps?:\/\/[^\s<>"\u2066-\u2069]+/gi)) {
    const url = withoutTail(found);
    if (!URL.canParse(url)) continue;
    parts.push({ text: text.slice(done, index) }, { text: url, url });
    done = index + url.length;
  }
  return [...parts, { text: text.slice(done) }].filter((part) => part.text !== '');
}

/** What ends the sentence around an address is no part of it; nor is a bracket that opens before it. */
function withoutTail(found: string): string {
  const url = found.replace(/[.,;:!?'’”»…]+$/u, '');
  return url.endsWith(')') && !url.includes('(') ? withoutTail(url.slice(0, -1)) : url;
}
