import { describe, expect, it } from 'vitest';
import { homeSale } from '../test/home-sale.ts';
import { type AgreementTerms, checkAgreement, type ItemTerms } from './agreement.ts';

const found = (terms: AgreementTerms) =>
  checkAgreement(terms).map(({ path, problem }) => `${path}: ${problem}`);

const changeItem = (key: string, change: Partial<ItemTerms>): AgreementTerms => ({
  ...homeSale,
  items: homeSale.items.map((item) => (item.key === key ? { ...item, ...change } : item)),
});

const release = (change: object): AgreementTerms => ({
  ...homeSale,
  releases: homeSale.releases.map((r) => (r.key === 'at_handover' ? { ...r, ...change } : r)),
});

const failure = (change: object): AgreementTerms => ({
  ...homeSale,
  failures: homeSale.failures.map((f) => (f.key === 'no_fault' ? { ...f, ...change } : f)),
});

describe('an agreement before it is published', () => {
  it('passes when all its money gets somewhere and its failures cover every item', () => {
    expect(found(homeSale)).toEqual([]);
  });

  it('names every item whose money would reach nobody', () => {
    expect(found({ ...homeSale, releases: [] })).toEqual([
      'items.deposit: goes_to_nobody',
      'items.price: goes_to_nobody',
    ]);
    expect(found({ ...homeSale, conversions: [] })).toEqual(['items.intention: goes_to_nobody']);
  });

  it('wants the releases of an item to sum to the whole', () => {
    const share = (shareBps: number) => release({ items: [{ item: 'price', shareBps }] });
    expect(found(share(499))).toEqual(['items.price: releases_do_not_sum']);
    expect(found(share(501))).toEqual(['items.price: releases_exceed_whole']);
  });

  it('refuses conversions that lead back, cross custodies or change the payer', () => {
    const conversions = (...pairs: [string, string][]): AgreementTerms => ({
      ...homeSale,
      conversions: pairs.map(([from, to]) => ({ from, to, mode: 'towards' as const })),
    });
    expect(found(conversions(['intention', 'deposit'], ['deposit', 'intention']))).toEqual([
      'conversions.intention: conversion_cycle',
      'conversions.deposit: conversion_cycle',
    ]);
    expect(
      found(conversions(['intention', 'deposit'], ['deposit', 'price'], ['price', 'intention'])),
    ).toHaveLength(3);
    expect(found(conversions(['intention', 'intention']))).toContain(
      'conversions.intention: conversion_cycle',
    );
    expect(found(conversions(['intention', 'commission']))).toContain(
      'conversions.intention>commission: conversion_across_custodies',
    );
    expect(found(conversions(['intention', 'deposit'], ['intention', 'deposit']))).toContain(
      'conversions.intention>deposit: conversion_twice',
    );
    expect(found(conversions(['intention', 'tax']))).toContain(
      'conversions.intention>tax: item_unknown',
    );
    const others = { ...changeItem('intention', { payer: 'seller', beneficiary: 'buyer' }) };
    expect(found(others)).toEqual(['conversions.intention>deposit: conversion_payer_differs']);
  });

  it('wants conditions, roles and items that exist', () => {
    expect(found(release({ when: ['moved_in'] }))).toEqual([
      'releases.at_handover.when.moved_in: condition_unknown',
    ]);
    expect(found(release({ to: 'bank' }))).toEqual(['releases.at_handover.to: role_unknown']);
    expect(found(changeItem('price', { payer: 'nobody' }))).toEqual([
      'items.price.payer: role_unknown',
    ]);
    expect(found(changeItem('price', { payer: 'seller' }))).toContain(
      'items.price: payer_is_beneficiary',
    );
    const conditions = homeSale.conditions.map((c) => ({ ...c, by: 'notary' }));
    expect(found({ ...homeSale, conditions })).toHaveLength(2);
    const unknown = [{ item: 'tax', shareBps: 1 }];
    expect(found(release({ items: unknown }))).toContain(
      'releases.at_handover.items.tax: item_unknown',
    );
    expect(found(release({ items: [] }))).toContain('releases.at_handover.items: no_items');
  });

  it('gives merchants’ items to merchants only, and releases none of them', () => {
    expect(found(changeItem('commission', { beneficiary: 'seller' }))).toContain(
      'items.commission.beneficiary: beneficiary_not_merchant',
    );
    const receivers = (role: string) =>
      changeItem('commission', { split: { receivers: [{ role, weight: 1 }] } });
    expect(found(receivers('seller'))).toEqual([
      'items.commission.split.seller: receiver_not_merchant',
    ]);
    expect(found(receivers('nobody'))).toEqual(['items.commission.split.nobody: role_unknown']);
    expect(found(changeItem('price', { split: { receivers: [] } }))).toEqual([
      'items.price.split: split_of_escrowed',
    ]);
    expect(found(release({ items: [{ item: 'commission', shareBps: 10_000 }] }))).toContain(
      'releases.at_handover.items.commission: merchant_item_released',
    );
  });

  it('wants every failure to say what becomes of each item, once, and to respect what is not refundable', () => {
    const items = homeSale.failures[0]?.items ?? [];
    expect(found(failure({ items: items.slice(1) }))).toEqual([
      'failures.no_fault.intention: failure_item_missing',
    ]);
    expect(found(failure({ items: [...items, ...items.slice(0, 1)] }))).toEqual([
      'failures.no_fault.intention: failure_item_twice',
    ]);
    expect(found(changeItem('price', { refundable: false }))).toEqual([
      'failures.no_fault.price: not_refundable',
      'failures.buyer_at_fault.price: not_refundable',
    ]);
    expect(found({ ...homeSale, failures: [] })).toEqual(['failures: no_failure']);
    const tax = { item: 'tax', action: 'refund' };
    expect(found(failure({ items: [...items, tax] }))).toEqual([
      'failures.no_fault.tax: item_unknown',
    ]);
  });

  it('refuses a key that stands for two things', () => {
    const price = homeSale.items.filter(({ key }) => key === 'price');
    expect(found({ ...homeSale, items: [...homeSale.items, ...price] })).toContain(
      'items.price: key_twice',
    );
    expect(found({ ...homeSale, items: [] })).toContain('items: no_items');
  });
});
