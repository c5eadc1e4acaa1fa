/** What the comparisons of one calendar day (Asia/Shanghai) found of a subject. */
export interface ComparedDay {
  readonly day: Temporal.PlainDate;
  readonly comparisons: number;
  /** Accounts that differed in the worst of them. */
  readonly differing: number;
}

/** What else a switch needs to know of a subject. */
export interface GateState {
  readonly today: Temporal.PlainDate;
  readonly needed: number;
  readonly days: readonly ComparedDay[];
  readonly openDifferences: number;
  readonly unbookedRows: number;
}

export interface Gate {
  readonly open: boolean;
  /** Whole days in a row, up to yesterday, that were compared and without a difference. */
  readonly cleanDays: number;
  readonly needed: number;
  /** What is missing, for people. */
  readonly missing: readonly { readonly en: string; readonly zh: string }[];
}

/**
 * The measured gate. A day counts when it is over, was compared at least once, and no comparison
 * of it found a difference; a day without a comparison ends the row of days, and so does a
 * difference today.
 */
export function measureGate(state: GateState): Gate {
  const { today, needed, days } = state;
  const byDay = new Map(days.map((one) => [one.day.toString(), one]));
  const isClean = (day: Temporal.PlainDate) => byDay.get(day.toString())?.differing === 0;
  const missing: { en: string; zh: string }[] = [];
  let cleanDays = 0;
  const now = byDay.get(today.toString());
  if (now !== undefined && now.differing > 0) {
    const en = `${now.differing} accounts differed today`;
    missing.push({ en, zh: `今日有 ${now.differing} 个账户不一致` });
  } else {
    let day = today.subtract({ days: 1 });
    while (cleanDays < needed && isClean(day)) {
      cleanDays += 1;
      day = day.subtract({ days: 1 });
    }
  }
  if (cleanDays < needed) {
    const en = `${cleanDays} of ${needed} days without a difference${whyStopped(state, cleanDays)}`;
    missing.push({ en, zh: `已有 ${cleanDays} 天无差异，需要 ${needed} 天` });
  }
  if (state.openDifferences > 0) {
    const en = `${state.openDifferences} differences are open`;
    missing.push({ en, zh: `${state.openDifferences} 条差异未关闭` });
  }
  if (state.unbookedRows > 0) {
    const en = `${state.unbookedRows} rows are not booked yet`;
    missing.push({ en, zh: `${state.unbookedRows} 条流水尚未入账` });
  }
  return { open: missing.length === 0, cleanDays, needed, missing };
}

function whyStopped({ today, days }: GateState, cleanDays: number): string {
  const day = today.subtract({ days: cleanDays + 1 });
  const found = days.find((one) => one.day.equals(day));
  if (found === undefined) return ` (${day} was not compared)`;
  return ` (${found.differing} accounts differed on ${day})`;
}
