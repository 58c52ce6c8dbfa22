/** Where the focus goes when what had it is gone: to the heading of what is shown. */
export function focusMain(): void {
  const heading = document.querySelector<HTMLElement>('main h1');
  if (!heading) return;
  heading.tabIndex = -1;
  heading.focus({ preventScroll: true });
}
