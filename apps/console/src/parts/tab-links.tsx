import './tab-links.css';

export interface TabLinksProps<T extends string> {
  readonly label: string;
  readonly tabs: readonly { readonly value: T; readonly text: string }[];
  readonly value: T;
  readonly onChange: (value: T) => void;
}

/** The parts of one object's page; the one in sight stands in the address. */
export function TabLinks<T extends string>({ label, tabs, value, onChange }: TabLinksProps<T>) {
  return (
    <nav className="kc-tabs" aria-label={label}>
      {tabs.map((tab) => (
        <button
          key={tab.value}
          type="button"
          aria-current={tab.value === value ? 'page' : undefined}
          onClick={() => onChange(tab.value)}
        >
          {tab.text}
        </button>
      ))}
    </nav>
  );
}
