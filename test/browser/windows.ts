import { existsSync } from 'node:fs';
import { chromium, type Browser, type BrowserContextOptions, type Locator, type Page } from 'playwright-core';
import type { RunningServer } from '../server.js';

/** Two browsers' pages and a server on a busy machine: for hooks and tests alike. */
export const patienceMs = 60_000;

const candidates = [
  process.env['CHROMIUM'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];
const program = candidates.find((path) => path !== undefined && existsSync(path));

/** Why the tests in a browser can't run here; undefined when they can, or when they must (REQUIRE_BROWSER=1). */
export const noBrowser =
  program === undefined && process.env['REQUIRE_BROWSER'] !== '1'
    ? 'no Chromium; set CHROMIUM to its path'
    : undefined;

/** For a title: the reason stands where the skipped tests are listed. */
export function inBrowser(title: string): string {
  return noBrowser === undefined ? title : `${title} (skipped: ${noBrowser})`;
}

export function launch(): Promise<Browser> {
  if (program === undefined) throw new Error('REQUIRE_BROWSER is set, and there is no Chromium.');
  return chromium.launch({
    executablePath: program,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

/** A window of its own: other cookies, other storage, as on another machine. */
export async function openWindow(
  browser: Browser,
  server: Pick<RunningServer, 'url'>,
  options: BrowserContextOptions = {},
): Promise<Page> {
  const context = await browser.newContext({ baseURL: server.url, timezoneId: 'Europe/Berlin', ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(patienceMs / 3);
  return page;
}

/** By its card on the sign-in page; resolves when the page is live. */
export async function signInAs(page: Page, card: string): Promise<void> {
  await page.goto('/');
  await page.getByRole('button', { name: `Sign in as ${card}`, exact: true }).click();
  await liveChip(page).waitFor();
}

export function liveChip(page: Page) {
  return page.getByRole('button', { name: 'Connection: Live' });
}

/** An appointment in the page's list. */
export function row(page: Page, text: string) {
  return page.getByRole('main').getByRole('listitem').filter({ hasText: text });
}

/** What pops up. */
export function toasts(page: Page) {
  return page.getByRole('region', { name: 'Alerts' }).getByRole('listitem');
}

/** Every WebSocket is cut as it opens, as some proxies do. */
export async function blockWebSocket(page: Page): Promise<void> {
  await page.routeWebSocket(/\/ws/, (socket) => socket.close());
}

/** The computer's clock is so much ahead, as the page sees it. */
export async function shiftClock(page: Page, aheadMs: number): Promise<void> {
  await page.addInitScript(`{
    const RealDate = Date;
    globalThis.Date = class extends RealDate {
      constructor(...values) {
        if (values.length > 0) super(...values);
        else super(RealDate.now() + ${aheadMs});
      }
      static now() {
        return RealDate.now() + ${aheadMs};
      }
    };
    Object.defineProperty(performance, 'timeOrigin', { value: performance.timeOrigin + ${aheadMs} });
  }`);
}

/** What a function that runs in the page needs of an element; the tests are compiled without the browser's types. */
interface Shown {
  readonly ownerDocument: { elementFromPoint(x: number, y: number): Shown | null };
  getBoundingClientRect(): Readonly<Record<'left' | 'top' | 'right' | 'bottom', number>>;
  contains(other: Shown): boolean;
}

/** Whether a person would see it as the page stands: all of it on the screen, and nothing over it. */
export function isInSight(element: Locator): Promise<boolean> {
  return element.evaluate((shown: Shown) => {
    const { left, top, right, bottom } = shown.getBoundingClientRect();
    if (right - left < 1 || bottom - top < 1) return false;
    return [
      [left + 4, top + 4],
      [right - 4, bottom - 4],
      [(left + right) / 2, (top + bottom) / 2],
    ].every(([x = 0, y = 0]) => {
      const there = shown.ownerDocument.elementFromPoint(x, y);
      return there !== null && (shown.contains(there) || there.contains(shown));
    });
  });
}
