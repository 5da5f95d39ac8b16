import { root } from './root.js';

const askEveryMs = 5_000;

/** Has the service worker keep this page for where there is no network, and lets the server's newer one take its place. */
export function keepPage(): void {
  const worker = new URL('service-worker.mjs', root);
  navigator.serviceWorker
    ?.register(worker, { scope: root.href, updateViaCache: 'none' })
    // Forbidden here: then there is no page without a network.
    .catch(() => undefined);
  if ('kept' in document.documentElement.dataset) void followServer();
}

/** It was kept, perhaps for long: where the server has another one, that one is loaded, once nothing would be lost by it. */
async function followServer(): Promise<void> {
  let isNewer: boolean | undefined;
  while (isNewer === undefined || (isNewer && isInUse())) {
    await new Promise((resolve) => setTimeout(resolve, askEveryMs));
    isNewer ??= await isServersOther();
  }
  if (isNewer) location.reload();
}

/** Undefined while the server doesn't answer. */
async function isServersOther(): Promise<boolean | undefined> {
  try {
    const answer = await fetch(root, { cache: 'no-cache', signal: AbortSignal.timeout(askEveryMs) });
    const page = answer.ok ? await answer.text() : '';
    return page.includes('id="root"') ? ownFiles().some((name) => !page.includes(name)) : undefined;
  } catch {
    return undefined;
  }
}

/** The names of what this page was made of, with a hash of each. */
function ownFiles(): readonly string[] {
  const elements = document.querySelectorAll<HTMLScriptElement | HTMLLinkElement>(
    'script[type=module], link[rel=stylesheet]',
  );
  return [...elements].map(
    (element) => ('src' in element ? element.src : element.href).split('/').at(-1) ?? '',
  );
}

/** Something is typed, or about to be. */
function isInUse(): boolean {
  const fields = document.querySelectorAll<HTMLInputElement>(
    'textarea, input:not([type=radio], [type=checkbox])',
  );
  return document.querySelector('dialog[open]') !== null || [...fields].some(({ value }) => value !== '');
}
