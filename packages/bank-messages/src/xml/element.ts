/** An XML element as it is read here: names without their prefix, text without its markup. */
export interface XmlElement {
  /** The local name: `Stmt` for `<ns2:Stmt>`. */
  readonly name: string;
  readonly prefix: string;
  /** As written, prefix included. */
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlElement[];
  /** The element's own text, trimmed. */
  readonly text: string;
  readonly parent: XmlElement | undefined;
  /** The place among brothers of the same name, from 1; undefined when there is only one. */
  readonly index: number | undefined;
}

/** The first child of that name. */
export function child(element: XmlElement | undefined, name: string): XmlElement | undefined {
  return element?.children.find((candidate) => candidate.name === name);
}

/** All children of that name, in order. */
export function childrenOf(element: XmlElement | undefined, name: string): readonly XmlElement[] {
  return element?.children.filter((candidate) => candidate.name === name) ?? [];
}

/** Follows first children down: `at(stmt, 'Acct', 'Id', 'IBAN')`. */
export function at(
  element: XmlElement | undefined,
  ...names: readonly string[]
): XmlElement | undefined {
  return names.reduce((current: XmlElement | undefined, name) => child(current, name), element);
}

/** The text of the element reached by `names`; undefined when it is absent or blank. */
export function textAt(
  element: XmlElement | undefined,
  ...names: readonly string[]
): string | undefined {
  const text = at(element, ...names)?.text;
  return text === undefined || text === '' ? undefined : text;
}

/** The texts of all children of that name that have one. */
export function textsOf(element: XmlElement | undefined, name: string): readonly string[] {
  return childrenOf(element, name)
    .map((candidate) => candidate.text)
    .filter((text) => text !== '');
}

/** Where an element stands: `/Document/BkToCstmrStmt/Stmt[2]/Ntry[3]`. */
export function pathOf(element: XmlElement): string {
  const parts: string[] = [];
  for (let current: XmlElement | undefined = element; current; current = current.parent) {
    parts.unshift(`/${current.name}${current.index === undefined ? '' : `[${current.index}]`}`);
  }
  return parts.join('');
}

/**
 * The namespace of an element, looked up through its ancestors. `Xmlns`, a slip that occurs in
 * published samples, is taken as `xmlns`.
 */
export function namespaceOf(element: XmlElement): string | undefined {
  const key = element.prefix === '' ? 'xmlns' : `xmlns:${element.prefix}`;
  for (let current: XmlElement | undefined = element; current; current = current.parent) {
    const found =
      current.attributes.get(key) ??
      (key === 'xmlns' ? current.attributes.get('Xmlns') : undefined);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** All elements below and including `root`, in document order, that `wanted` accepts. */
export function findAll(
  root: XmlElement,
  wanted: (element: XmlElement) => boolean,
): readonly XmlElement[] {
  const found: XmlElement[] = [];
  const waiting: XmlElement[] = [root];
  while (waiting.length > 0) {
    const current = waiting.pop();
    if (current === undefined) break;
    if (wanted(current)) {
      found.push(current);
      continue; // What is found is not searched further: messages don't hold messages.
    }
    for (let index = current.children.length - 1; index >= 0; index--) {
      const next = current.children[index];
      if (next !== undefined) waiting.push(next);
    }
  }
  return found;
}
