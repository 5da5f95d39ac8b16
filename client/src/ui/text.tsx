import { Fragment } from 'react';
import { partsOf } from './text-parts.js';

/** What somebody wrote: as text, with its line breaks, and with links where addresses stand in it. */
export function Text({ children }: { readonly children: string }) {
  return partsOf(children).map((part, i) =>
    part.url === undefined ? <Fragment key={i}>{part.text}</Fragment> : <Link key={i} url={part.url} />,
  );
}

/** The addresses in a text that can't hold links itself, since it is a button. */
export function LinksIn({ text }: { readonly text: string }) {
  const urls = [...new Set(partsOf(text).flatMap(({ url }) => url ?? []))];
  if (urls.length === 0) return null;
  return (
    <span className="links">
      {urls.map((url) => (
        <Link key={url} url={url} />
      ))}
    </span>
  );
}

/** It tells the other site nothing of where it was followed. */
function Link({ url }: { readonly url: string }) {
  return (
    <a href={url} target="_blank" rel="noopener noreferrer nofollow" dir="ltr">
      {url}
    </a>
  );
}
