import { useEffect, useRef } from 'react';
import './filter-links.css';

export interface FilterLinksProps<T extends string> {
  readonly label: string;
  readonly options: readonly { readonly value: T; readonly text: string }[];
  readonly value: T;
  readonly onChange: (value: T) => void;
}

/** One of a few: which part of a list is shown. All choices are in sight, and one press away. */
export function FilterLinks<T extends string>(props: FilterLinksProps<T>) {
  const { label, options, value, onChange } = props;
  const place = useRef<HTMLFieldSetElement>(null);
  // On a narrow screen the row scrolls: what is chosen must not stand outside of it.
  useEffect(() => {
    const row = place.current;
    const chosen = row?.querySelector(`[data-value="${value}"]`);
    if (!row || !(chosen instanceof HTMLElement)) return;
    row.scrollLeft = chosen.offsetLeft - (row.clientWidth - chosen.offsetWidth) / 2;
  }, [value]);
  return (
    <fieldset ref={place} className="kc-filter" aria-label={label}>
      {options.map((option) => (
        <button
          key={option.value}
          type="button"
          data-value={option.value}
          aria-pressed={option.value === value}
          onClick={() => onChange(option.value)}
        >
          {option.text}
        </button>
      ))}
    </fieldset>
  );
}
