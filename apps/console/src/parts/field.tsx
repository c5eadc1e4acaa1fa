import { ApiError, Notice, useErrorText } from '@keyturn/ui';
import { type ReactNode, useId } from 'react';
import './field.css';

/** What a control needs to be known by its label, hint and error. */
export interface ControlProps {
  readonly id: string;
  readonly 'aria-describedby'?: string;
  readonly 'aria-invalid'?: true;
  readonly status?: 'error';
}

export interface FieldProps {
  readonly label: string;
  readonly hint?: string;
  readonly error?: string | undefined;
  readonly children: (props: ControlProps) => ReactNode;
}

/** A labelled control, with what it wants and what is wrong with it beside it. */
export function Field({ label, hint, error, children }: FieldProps) {
  const id = useId();
  const note = useId();
  const described = hint !== undefined || error !== undefined;
  return (
    <div className="kc-field">
      <label htmlFor={id}>{label}</label>
      {children({
        id,
        ...(described ? { 'aria-describedby': note } : {}),
        ...(error === undefined ? {} : { 'aria-invalid': true, status: 'error' }),
      })}
      {described ? (
        <p id={note} className={error === undefined ? 'kc-field-hint' : 'kc-field-error'}>
          {error ?? hint}
        </p>
      ) : null}
    </div>
  );
}

/** What the server refused, in its own sentence. Nothing while nothing went wrong. */
export function FormError({ error }: { readonly error: unknown }) {
  const { detail, reference } = useErrorText(error);
  if (error === null || error === undefined) return null;
  return (
    <Notice tone="bad">
      {detail}
      {reference === undefined ? null : <code className="kc-id"> {reference}</code>}
    </Notice>
  );
}

/** The server's sentence when it is about this field of the request. */
export function refusalOf(error: unknown, param: string): string | undefined {
  if (!(error instanceof ApiError) || error.problem?.param === undefined) return undefined;
  const { param: about, detail } = error.problem;
  return about === param || about.startsWith(`${param}.`) ? detail : undefined;
}
