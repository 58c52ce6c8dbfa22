import { type Child, element } from './element.js';
import { type IconName, icon } from './icon.js';

export type ButtonLook = 'plain' | 'primary' | 'danger' | 'quiet';

export function button(
  label: string,
  onClick: () => void,
  { look = 'plain', picture }: { look?: ButtonLook; picture?: IconName } = {},
): HTMLButtonElement {
  const node = element(
    'button',
    { type: 'button', class: `button ${look}` },
    picture && icon(picture),
    element('span', {}, label),
  );
  node.addEventListener('click', onClick);
  return node;
}

/** A button that shows a picture and is named by `label`. */
export function iconButton(
  label: string,
  picture: IconName,
  onClick: () => void,
): HTMLButtonElement {
  const node = element(
    'button',
    { type: 'button', class: 'button quiet square', 'aria-label': label, title: label },
    icon(picture),
  );
  node.addEventListener('click', onClick);
  return node;
}

export interface Field {
  node: HTMLElement;
  control: HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;
  /** Says what is wrong with it, beside it and to a screen reader; null: nothing. */
  setProblem(problem: string | null): void;
}

/** A control with its label, a hint and a place for what is wrong with it. */
export function field(label: string, control: Field['control'], hint?: string): Field {
  const id = `field-${++fields}`;
  control.id = id;
  const hintNode = hint ? element('p', { class: 'hint', id: `${id}-hint` }, hint) : null;
  const problem = element('p', { class: 'problem', id: `${id}-problem`, hidden: true });
  if (hintNode) control.setAttribute('aria-describedby', hintNode.id);
  const children: Child[] = [element('label', { for: id }, label), control, hintNode, problem];
  return {
    node: element('div', { class: 'field' }, ...children),
    control,
    setProblem(text) {
      problem.textContent = text ?? '';
      problem.hidden = text === null;
      control.setAttribute('aria-invalid', String(text !== null));
      const described = [hintNode?.id, text === null ? null : problem.id].filter(Boolean);
      control.setAttribute('aria-describedby', described.join(' '));
      if (text !== null) control.focus();
    },
  };
}

let fields = 0;
