import { SearchOutlined } from '@ant-design/icons';
import { useNavigate } from '@tanstack/react-router';
import { Input, type InputRef } from 'antd';
import { useEffect, useRef, useState } from 'react';
import { useText } from '../language/use-text.ts';
import { targetOf } from '../parts/object-link.tsx';

/** From an id of any kind to what it names. The slash key leads here from anywhere. */
export function IdSearch() {
  const text = useText();
  const navigate = useNavigate();
  const [id, setId] = useState('');
  const field = useRef<InputRef>(null);
  useSlashKey(() => field.current?.focus());
  const go = () => {
    const wanted = id.trim();
    if (wanted === '') return;
    void navigate(targetOf(wanted));
    setId('');
  };
  return (
    <search className="kc-search">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          go();
        }}
      >
        <Input
          ref={field}
          value={id}
          onChange={(event) => setId(event.target.value)}
          aria-label={text('search.label')}
          placeholder={text('search.placeholder')}
          prefix={<SearchOutlined aria-hidden="true" />}
          suffix={<kbd>/</kbd>}
          maxLength={60}
        />
      </form>
    </search>
  );
}

function useSlashKey(act: () => void): void {
  const latest = useRef(act);
  latest.current = act;
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      const at = event.target;
      const typing = at instanceof HTMLElement && at.closest('input, textarea, select') !== null;
      if (event.key !== '/' || typing || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      latest.current();
    };
    addEventListener('keydown', pressed);
    return () => removeEventListener('keydown', pressed);
  }, []);
}
