const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** The first characters, as a person counts them, of the first and the last name: "PB" of "Dr. Paula Brandt". */
export function initials(name: string): string {
  const words = name
    .trim()
    .replace(/^Dr\.?\s+/i, '')
    .split(/\s+/)
    .map((word) => word.replace(INVISIBLE, ''))
    .filter((word) => word !== '');
  return [words[0], words.length > 1 ? words.at(-1) : undefined].map(firstCharacter).join('');
}

/** At a word's beginning; further in, they join what is one character. */
const INVISIBLE = /^\p{Default_Ignorable_Code_Point}+/u;

function firstCharacter(word: string | undefined): string {
  const [first] = segmenter.segment(word ?? '');
  return first?.segment ?? '';
}
