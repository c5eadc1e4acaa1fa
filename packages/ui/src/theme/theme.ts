import type { ThemeConfig } from 'antd';

/** Colours. Each text colour has at least 4.5:1 on `surface`, `ground` and its own soft tint. */
export const colors = {
  ink: '#14262e',
  muted: '#4d616b',
  line: '#d9e1e4',
  ground: '#f4f7f7',
  surface: '#ffffff',
  primary: '#0b5f6b',
  primarySoft: '#e3f1f2',
  good: '#136c43',
  goodSoft: '#e4f4eb',
  attention: '#835200',
  attentionSoft: '#fdf1d8',
  progress: '#1d5a9e',
  progressSoft: '#e5effa',
  bad: '#ae241d',
  badSoft: '#fbe9e7',
  neutralSoft: '#ebf0f1',
} as const;

/** System type first; Chinese by the platform's own face, else Noto. */
export const fontFamily =
  '-apple-system, BlinkMacSystemFont, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", "PingFang SC", "HarmonyOS Sans SC", "Noto Sans CJK SC", "Noto Sans SC", "Microsoft YaHei", sans-serif';

/** antd in our colours: quiet surfaces, generous touch targets, no motion beyond what helps. */
export const theme: ThemeConfig = {
  token: {
    colorPrimary: colors.primary,
    colorInfo: colors.progress,
    colorSuccess: colors.good,
    colorWarning: colors.attention,
    colorError: colors.bad,
    colorTextBase: colors.ink,
    colorTextSecondary: colors.muted,
    colorTextDescription: colors.muted,
    colorTextPlaceholder: '#5f727b',
    colorBorder: '#b9c6cb',
    colorBorderSecondary: colors.line,
    colorBgLayout: colors.ground,
    colorLink: colors.primary,
    borderRadius: 8,
    borderRadiusLG: 12,
    controlHeight: 36,
    controlHeightLG: 48,
    fontFamily,
    fontSize: 14,
  },
  components: {
    Button: { primaryShadow: 'none', defaultShadow: 'none', fontWeight: 500 },
    Tooltip: { colorBgSpotlight: colors.ink },
  },
};
