import { defineErrors, refuser } from '@keyturn/kernel';

export const settlementErrors = defineErrors({
  split_rule_invalid: {
    status: 422,
    retryable: false,
    title: 'Split rule not valid',
    en: 'The split cannot be carried out: {problem}. Correct the receivers or the fee.',
    zh: '分账规则无法执行：{problem}。请更正接收方或手续费。',
  },
  split_exists: {
    status: 409,
    retryable: false,
    title: 'Split exists',
    en: 'The order {order_id} has a split already. A split never changes; make a new order for another one.',
    zh: '订单 {order_id} 已有分账规则。分账规则不可修改，如需调整请新建订单。',
  },
  split_order_unusable: {
    status: 409,
    retryable: false,
    title: 'Order not for a split',
    en: 'The order {order_id} does not pay a merchant, or is paid already. Plan the split before the order is paid.',
    zh: '订单 {order_id} 的收款方不是商户或已支付。请在支付前设置分账。',
  },
  split_receiver_unknown: {
    status: 422,
    retryable: false,
    title: 'Receiver not known',
    en: 'The receiver {merchant_id} is not a merchant that we know. Create it first.',
    zh: '接收方 {merchant_id} 不是已登记的商户，请先创建。',
  },
});

export const refuse = refuser(settlementErrors);
