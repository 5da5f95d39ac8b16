/** Where the focus goes when nothing better is left: the page itself. */
export function mainPlace(): HTMLElement | null {
  return document.getElementById('main');
}

/** The row, panel or page around an element that can take the focus when the element goes. */
export function placeOf(element: Element | null): HTMLElement | null {
  return element?.closest<HTMLElement>('[tabindex="-1"]') ?? null;
}

/** A row is about to go: the same button of its neighbour takes the focus, or the place around them. */
export function passFocus(button: HTMLElement): void {
  const row = button.closest('li');
  const neighbour = row?.nextElementSibling ?? row?.previousElementSibling;
  const next = neighbour ? [...neighbour.querySelectorAll('button')].at(-1) : undefined;
  (next ?? placeOf(row))?.focus();
}
