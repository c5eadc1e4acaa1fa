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
  return (
    <fieldset className="kc-filter" aria-label={label}>
      {options.map((option) => (
        <button
          key={option.value}
          type="button"
          aria-pressed={option.value === value}
          onClick={() => onChange(option.value)}
        >
          {option.text}
        </button>
      ))}
    </fieldset>
  );
}
