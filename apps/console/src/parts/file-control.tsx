import { useText } from '../language/use-text.ts';
import type { ControlProps } from './field.tsx';
import './file-control.css';

export interface FileControlProps {
  readonly control: ControlProps;
  readonly file: File | undefined;
  readonly disabled?: boolean;
  readonly onChoose: (file: File | undefined) => void;
}

/** Chooses a file. The browser's own control speaks its own language; this one speaks ours. */
export function FileControl({ control, file, disabled = false, onChoose }: FileControlProps) {
  const text = useText();
  const { status: _status, ...known } = control;
  return (
    <span className="kc-file">
      <input
        {...known}
        type="file"
        disabled={disabled}
        onChange={({ target }) => onChoose(target.files?.[0])}
      />
      <label htmlFor={known.id} aria-hidden="true">
        {text('form.chooseFile')}
      </label>
      <span className="kc-file-name">{file?.name ?? text('form.noFile')}</span>
    </span>
  );
}
