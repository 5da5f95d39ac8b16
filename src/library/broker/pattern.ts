import { segmentsOf } from './address.js';

/**
 * Whether a subscription's pattern is one: `*` stands for one whole segment, `**` for zero or more at the end.
 * Both separators are literal, so `/topic/a.*` matches `/topic/a.b` and not `/topic/a/b`.
 */
export function isValidPattern(pattern: string, maxSegments = Infinity): boolean {
  const segments = segmentsOf(pattern);
  if (segments.length > maxSegments) return false;
  return segments.every((segment, i) => {
    const name = segment.slice(1);
    return !name.includes('*') || name === '*' || (name === '**' && i === segments.length - 1);
  });
}

/**
 * Whether `pattern` matches every address that `other` does; `other` may be a plain address or a pattern itself.
 * So a grant on `/topic/news/*` covers `/topic/news/today` and `/topic/news/*`, and not `/topic/news/**`.
 */
export function covers(pattern: string, other: string): boolean {
  return segmentsCover(segmentsOf(pattern), segmentsOf(other));
}

/** `covers`, for who asks often: by the segments of both. */
export function segmentsCover(granted: readonly string[], wanted: readonly string[]): boolean {
  for (const [i, segment] of granted.entries()) {
    const name = segment.slice(1);
    const against = wanted[i];
    // Zero or more, the first of them behind the same separator: `/topic/a/**` isn't `/topic/a.b`.
    if (name === '**') return against === undefined || against[0] === segment[0];
    if (against === undefined || against.endsWith('**')) return false;
    if (name === '*' ? against[0] !== segment[0] : against !== segment) return false;
  }
  return wanted.length === granted.length;
}

/** Whether some address is matched by both, each a pattern or a plain address, by their segments. */
export function segmentsOverlap(some: readonly string[], others: readonly string[]): boolean {
  for (let i = 0; ; i++) {
    const [one, other] = [some[i], others[i]];
    if (one === undefined || other === undefined) return isEndOrRest(one) && isEndOrRest(other);
    // `**` may be nothing at all, so that two of them meet before their separators do.
    if (isRest(one) || isRest(other)) return one[0] === other[0] || (isRest(one) && isRest(other));
    if (one !== other && (one[0] !== other[0] || !(isAny(one) || isAny(other)))) return false;
  }
}

function isAny(segment: string): boolean {
  return segment.length === 2 && segment.endsWith('*');
}

function isRest(segment: string): boolean {
  return segment.endsWith('**');
}

function isEndOrRest(segment: string | undefined): boolean {
  return segment === undefined || isRest(segment);
}
