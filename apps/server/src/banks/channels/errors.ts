import { defineErrors, refuser } from '@keyturn/kernel';

export const channelsErrors = defineErrors({
  contract_unknown: {
    status: 404,
    retryable: false,
    title: 'No such channel contract',
    en: 'There is no channel contract {contract_id} in force. See GET /v1/channels for those there are.',
    zh: '不存在生效中的通道合约 {contract_id}。可用合约见 GET /v1/channels。',
  },
  contract_invalid: {
    status: 422,
    retryable: false,
    title: 'Channel contract not usable',
    en: 'The contract {contract_id} cannot be kept: {problem}. Correct it and send it again.',
    zh: '通道合约 {contract_id} 无法保存：{problem}。请更正后重新提交。',
  },
  contract_approval_missing: {
    status: 422,
    retryable: false,
    title: 'Second person missing',
    en: 'The contract {contract_id} was made and approved by the same person. Have another one approve it.',
    zh: '通道合约 {contract_id} 的制单人与复核人相同，请由另一人复核。',
  },
  notification_unverified: {
    status: 401,
    retryable: false,
    title: 'Notification not verified',
    en: 'The notification for contract {contract_id} is not taken: {problem}. Sign it with the enrolled key and send it again.',
    zh: '合约 {contract_id} 的通知未通过验签：{problem}。请使用登记的密钥签名后重新发送。',
  },
  notification_unreadable: {
    status: 422,
    retryable: false,
    title: 'Notification not readable',
    en: 'The notification for contract {contract_id} cannot be read: {problem}.',
    zh: '合约 {contract_id} 的通知无法解析：{problem}。',
  },
});

export const refuse = refuser(channelsErrors);
