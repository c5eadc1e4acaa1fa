import { Button } from 'antd';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';

type Outcome = 'copied' | 'failed' | undefined;

export interface CopyButtonProps {
  readonly text: string;
  /** What is copied, for screen readers. */
  readonly label: string;
  /** Instead of "Copy". */
  readonly caption?: string;
}

/** Copies a text, says so aloud, and returns to itself after a moment. */
export function CopyButton({ text, label, caption }: CopyButtonProps) {
  const { t } = useTranslation('ui');
  const [outcome, setOutcome] = useState<Outcome>();
  useEffect(() => {
    if (outcome === undefined) return;
    const timer = setTimeout(() => setOutcome(undefined), 4_000);
    return () => clearTimeout(timer);
  }, [outcome]);
  const copy = async () => setOutcome((await copyText(text)) ? 'copied' : 'failed');
  const words = { copied: t('copied'), failed: t('copyFailed') };
  return (
    <span className="kt-copy">
      <Button onClick={copy} aria-label={caption ?? `${t('copy')} ${label}`}>
        {outcome === 'copied' ? t('copied') : (caption ?? t('copy'))}
      </Button>
      <span role="status" className={outcome === 'failed' ? 'kt-copy-failed' : 'kt-hidden'}>
        {outcome === undefined ? '' : words[outcome]}
      </span>
    </span>
  );
}

async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // No permission, or a page without TLS: the old way still works in most browsers.
    return copyBySelection(text);
  }
}

function copyBySelection(text: string): boolean {
  const field = document.createElement('textarea');
  field.value = text;
  field.setAttribute('readonly', '');
  field.style.position = 'fixed';
  field.style.opacity = '0';
  document.body.append(field);
  field.select();
  const done = document.execCommand('copy');
  field.remove();
  return done;
}
