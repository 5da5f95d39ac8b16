const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** The first characters, as a person counts them, of the first and the last name: "PB" of "Dr. Paula Brandt". */
export function initials(name: string): string {
  const words = name
    .trim()
    .replace(/^Dr\.?\s+/i, '')
    .split(/\s+/);
  return [words[0], words.length > 1 ? words.at(-1) : undefined].map(firstCharacter).join('');
}

function firstCharacter(word: string | undefined): string {
  const [first] = segmenter.segment(word ?? '');
  return first?.segment ?? '';
}
