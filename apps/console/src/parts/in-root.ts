/** Where dialogs and drawers are put: inside the theme, whose colours they use. */
export function inRoot(): HTMLElement {
  return document.querySelector<HTMLElement>('.kt-root') ?? document.body;
}
