/** From which deal's page a payer came to a payment, while the tab lives. */

const keyOf = (payment: string) => `keyturn.deal-of-${payment}`;

export function rememberDeal(payment: string, deal: string): void {
  try {
    sessionStorage.setItem(keyOf(payment), deal);
  } catch {
    // A browser that keeps nothing: the way back is the browser's own.
  }
}

/** The token of the deal's link; undefined when the payer came another way. */
export function dealOfPayment(payment: string): string | undefined {
  try {
    return sessionStorage.getItem(keyOf(payment)) ?? undefined;
  } catch {
    return undefined; // The same browser: it knows of no deal.
  }
}
