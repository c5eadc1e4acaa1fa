import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { LanguageSwitch } from '../language/language-switch.tsx';
import './layout.css';

export interface PageProps {
  /** The name of what the page belongs to, beside the sign. */
  readonly brand: string;
  /** `narrow` for one thing to do, `wide` for tables and pictures. */
  readonly width?: 'narrow' | 'middle' | 'wide';
  /** Beside the language switch: who is logged in, log out. */
  readonly actions?: ReactNode;
  /** Links between the parts of an app. */
  readonly navigation?: ReactNode;
  /** Below everything: who stands behind the page, where help is. */
  readonly footer?: ReactNode;
  readonly children: ReactNode;
}

/** A page: skip link, header with the language switch, one main part, footer. */
export function Page(props: PageProps) {
  const { brand, width = 'middle', actions, navigation, footer, children } = props;
  const { t } = useTranslation('ui');
  return (
    <div className={`kt-page kt-page-${width}`}>
      <a className="kt-skip" href="#content">
        {t('skip')}
      </a>
      <header className="kt-header">
        <div className="kt-header-inner">
          <span className="kt-brand">
            <BrandSign />
            {brand}
          </span>
          {navigation === undefined ? null : <nav className="kt-navigation">{navigation}</nav>}
          <div className="kt-header-actions">
            {actions}
            <LanguageSwitch />
          </div>
        </div>
      </header>
      <main id="content" className="kt-main" tabIndex={-1}>
        {children}
      </main>
      {footer === undefined ? null : <footer className="kt-footer">{footer}</footer>}
    </div>
  );
}

/** A key that is turned: the bow a ring, the bit two teeth. */
function BrandSign() {
  return (
    <svg viewBox="0 0 32 32" width="28" height="28" aria-hidden="true">
      <rect width="32" height="32" rx="9" fill="var(--kt-primary)" />
      <g fill="none" stroke="#fff" strokeWidth="2.6" strokeLinecap="round">
        <circle cx="11.5" cy="16" r="4.2" />
        <path d="M15.7 16 H25 M21 16 V20 M25 16 V19" />
      </g>
    </svg>
  );
}

export interface CardProps {
  readonly title?: string;
  /** Beside the title. */
  readonly aside?: ReactNode;
  readonly children: ReactNode;
}

/** A part of a page on a surface of its own, with its heading. */
export function Card({ title, aside, children }: CardProps) {
  return (
    <section className="kt-card" aria-label={title}>
      {title === undefined ? null : (
        <div className="kt-card-head">
          <h2>{title}</h2>
          {aside}
        </div>
      )}
      {children}
    </section>
  );
}

export interface Fact {
  readonly name: string;
  readonly value: ReactNode;
}

/** Names and values, one under the other; side by side where there is room. */
export function Facts({ facts }: { readonly facts: readonly Fact[] }) {
  return (
    <dl className="kt-facts">
      {facts.map(({ name, value }) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
