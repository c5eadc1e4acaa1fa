import { type Check, isCode } from './source.ts';

interface Ban {
  readonly rule: string;
  readonly pattern: RegExp;
  readonly message: string;
  readonly codeOnly?: true;
}

const bans: readonly Ban[] = [
  {
    rule: 'left-for-later',
    pattern: new RegExp(`\\b(${['TO' + 'DO', 'FIX' + 'ME'].join('|')})\\b`),
    message: 'do it now, or leave it out and say so where people will read it',
    codeOnly: true,
  },
  {
    rule: 'machine-path',
    pattern: /(^|[^A-Za-z0-9._-])\/(work|farm|root)\//,
    message: 'a path of one machine does not exist on the next',
  },
  {
    rule: 'registry-host',
    pattern: /\bregistry\.(npm|yarn)\w*\.|\bnpmmirror\b|\bverdaccio\b|\bpypi\.org\b/i,
    message: 'which registry serves the packages is the business of the machine',
  },
];

/** What no file may say. */
export const bannedText: Check = (source) =>
  bans.flatMap((ban) => {
    if (ban.codeOnly && !isCode(source.path)) return [];
    return source.lines.flatMap((text, index) =>
      ban.pattern.test(text)
        ? [{ path: source.path, line: index + 1, rule: ban.rule, message: ban.message }]
        : [],
    );
  });
