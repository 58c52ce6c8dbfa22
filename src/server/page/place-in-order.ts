/**
 * Makes `nodes` the children of `parent`, in this order. What is in its place already is not
 * touched, and the focus stays where it is although its element moves.
 */
export function placeInOrder(parent: Element, nodes: readonly Element[]): void {
  const focused = document.activeElement;
  const wanted = new Set<Element>(nodes);
  for (const child of [...parent.children]) if (!wanted.has(child)) child.remove();

  let next = parent.firstElementChild;
  for (const node of nodes) {
    if (node === next) next = next.nextElementSibling;
    else parent.insertBefore(node, next);
  }
  if (focused !== document.activeElement && focused instanceof HTMLElement) {
    focused.focus({ preventScroll: true });
  }
}
