import type { AccountSpec } from '@keyturn/ledger';

/** From where to where the next transfer goes. */
export type Choose = () => { readonly debit: AccountSpec; readonly credit: AccountSpec };

/** Any two wallets, each as likely. */
export function uniform(wallets: readonly AccountSpec[]): Choose {
  return () => pair(wallets, () => Math.floor(Math.random() * wallets.length));
}

/** Any wallet pays one and the same account. */
export function oneHot(wallets: readonly AccountSpec[], hot: AccountSpec): Choose {
  return () => ({ debit: at(wallets, Math.floor(Math.random() * wallets.length)), credit: hot });
}

/** Wallets by Zipf's law with exponent 1: the n-th is chosen 1/n times as often as the first. */
export function zipf(wallets: readonly AccountSpec[]): Choose {
  const sums = new Float64Array(wallets.length);
  let sum = 0;
  for (let rank = 1; rank <= wallets.length; rank++) {
    sum += 1 / rank;
    sums[rank - 1] = sum;
  }
  const draw = () => {
    const wanted = Math.random() * sum;
    let low = 0;
    let high = sums.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((sums[middle] ?? sum) < wanted) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  return () => pair(wallets, draw);
}

function pair(wallets: readonly AccountSpec[], draw: () => number) {
  const debit = draw();
  let credit = draw();
  while (credit === debit) credit = draw();
  return { debit: at(wallets, debit), credit: at(wallets, credit) };
}

function at(wallets: readonly AccountSpec[], index: number): AccountSpec {
  const wallet = wallets[index];
  if (wallet === undefined) throw new Error(`there is no wallet ${index}`);
  return wallet;
}
