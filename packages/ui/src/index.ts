export { type ApiClient, type ApiDeps, createApi, newIdempotencyKey } from './api/client.ts';
export { ApiError, type FailureKind, type Problem } from './api/problem.ts';
export { createQueryClient, pollDelay, retryDelay, shouldRetry } from './api/query-client.ts';
export { AnythingSchema, BilingualSchema, MoneySchema, pageOf } from './api/schemas.ts';
export { ConnectionNotice, useOnline } from './feedback/connection-notice.tsx';
export { CopyButton } from './feedback/copy-button.tsx';
export { EmptyState, type EmptyStateProps } from './feedback/empty-state.tsx';
export { ErrorBoundary } from './feedback/error-boundary.tsx';
export {
  ErrorState,
  type ErrorStateProps,
  type ErrorText,
  useErrorText,
} from './feedback/error-state.tsx';
export { LoadingState } from './feedback/loading-state.tsx';
export { Notice, type NoticeProps } from './feedback/notice.tsx';
export { StatusArt } from './feedback/status-art.tsx';
export {
  type Flow,
  type FlowEdge,
  type FlowEdgeState,
  type FlowNode,
  type FlowNodeKind,
  flowEdgeStates,
} from './flow/flow.ts';
export { FlowPicture } from './flow/flow-picture.tsx';
export { chooseLanguage, createLanguages } from './language/i18n.ts';
export { LanguageSwitch } from './language/language-switch.tsx';
export { type Bilingual, type Language, languageNames, pickText } from './language/languages.ts';
export type { AppTexts, Texts } from './language/texts.ts';
export { useLanguage } from './language/use-language.ts';
export {
  Card,
  type CardProps,
  type Fact,
  Facts,
  Page,
  type PageProps,
} from './layout/page.tsx';
export {
  formatAmount,
  formatMoney,
  type Money,
  minorDigits,
  shortMoney,
  spokenMoney,
  sumMoney,
} from './money/format-money.ts';
export { MoneyText, type MoneyTextProps } from './money/money.tsx';
export { type StateKind, stateKinds, stateMeaning, statesOf } from './states/state-meaning.ts';
export { StateSentence } from './states/state-sentence.tsx';
export { StateTag, type StateTagProps } from './states/state-tag.tsx';
export type { StateText, Tone } from './states/tones.ts';
export { UiProvider, type UiProviderProps } from './theme/provider.tsx';
export { useReducedMotion } from './theme/reduced-motion.ts';
export { colors, fontFamily, theme } from './theme/theme.ts';
export { Countdown, useTimeLeft } from './time/countdown.tsx';
export {
  bankZone,
  clockText,
  durationParts,
  formatDate,
  formatInstant,
} from './time/format-time.ts';
export { createServerClock, type ServerClock } from './time/server-clock.ts';
export { TimeText } from './time/time-text.tsx';
export { Timeline, type TimelineLine } from './timeline/timeline.tsx';
