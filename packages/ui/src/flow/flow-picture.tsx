import { useId, useLayoutEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useLanguage } from '../language/use-language.ts';
import { spokenMoney } from '../money/format-money.ts';
import { type Flow, type FlowEdge, flowEdgeStates, soundFlow } from './flow.ts';
import { NarrowPicture } from './narrow-picture.tsx';
import { WidePicture } from './wide-picture.tsx';
import './flow.css';

const narrowBelow = 640;

/**
 * The way of money as a picture: places as boxes with what lies there, lines with amounts between
 * them. From left to right where there is room, from top to bottom where there is not. Screen
 * readers get the same as a list.
 */
export function FlowPicture({ flow }: { readonly flow: Flow }) {
  const { t } = useTranslation('ui');
  const title = useId();
  const [frame, width] = useWidth();
  const sound = soundFlow(flow);
  if (sound.nodes.length === 0) return <p className="kt-flow-empty">{t('flow.empty')}</p>;
  return (
    <figure className="kt-flow" aria-labelledby={title}>
      <figcaption id={title} className="kt-hidden">
        {t('flow.title')}
      </figcaption>
      <div className="kt-flow-frame" ref={frame} aria-hidden="true">
        {width === 0 ? null : width < narrowBelow ? (
          <NarrowPicture flow={sound} width={width} />
        ) : (
          <WidePicture flow={sound} width={width} />
        )}
      </div>
      <Legend edges={sound.edges} />
      <FlowList flow={sound} />
    </figure>
  );
}

/** The width that the picture has, in CSS pixels; 0 until it is measured. */
function useWidth() {
  const frame = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const element = frame.current;
    if (element === null) return;
    const measure = () => setWidth(Math.floor(element.clientWidth));
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return [frame, width] as const;
}

/** The kinds of lines that the picture has; none when there is only one. */
function Legend({ edges }: { readonly edges: readonly FlowEdge[] }) {
  const { t } = useTranslation('ui');
  const used = flowEdgeStates.filter((state) => edges.some((edge) => edge.state === state));
  if (used.length < 2) return null;
  return (
    <ul className="kt-flow-legend" aria-hidden="true">
      {used.map((state) => (
        <li key={state}>
          <svg width="28" height="8" aria-hidden="true">
            <path className={`kt-flow-line kt-flow-${state}`} d="M 1 4 H 27" />
          </svg>
          {t(`flow.${state}`)}
        </li>
      ))}
    </ul>
  );
}

/** The picture in words. */
function FlowList({ flow }: { readonly flow: Flow }) {
  const { t } = useTranslation('ui');
  const language = useLanguage();
  const names = new Map(flow.nodes.map(({ id, label }) => [id, label]));
  const sentences = [
    ...flow.nodes.flatMap(({ id, label, money }) => {
      if (money === undefined) return [];
      return [{ id, text: t('flow.node', { label, amount: spokenMoney(money, language) }) }];
    }),
    ...flow.edges.map((edge, index) => {
      const text = t('flow.edge', {
        from: names.get(edge.from),
        to: names.get(edge.to),
        amount: spokenMoney(edge.money, language),
        state: t(`flow.${edge.state}`),
      });
      // Two lines may say the same: their place is what tells them apart.
      return { id: `line ${index}`, text };
    }),
  ];
  return (
    <ul className="kt-hidden">
      {sentences.map(({ id, text }) => (
        <li key={id}>{text}</li>
      ))}
    </ul>
  );
}
