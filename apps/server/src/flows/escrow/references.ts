/**
 * By these kinds of reference escrow knows its own orders and pay-outs when something is told of
 * them. Outside callers may not use them.
 */
export const escrowReferences = { item: 'deal_item', leg: 'escrow_leg' } as const;
