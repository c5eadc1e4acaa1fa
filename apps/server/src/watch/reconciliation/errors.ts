import { defineErrors, refuser } from '@keyturn/kernel';

export const reconciliationErrors = defineErrors({
  statement_too_large: {
    status: 413,
    retryable: false,
    title: 'Statement file too large',
    en: 'The file {file} has {size} bytes; at most {limit} are taken. Split it by day or account.',
    zh: '文件 {file} 有 {size} 字节，超过上限 {limit}。请按日期或账户拆分。',
  },
  statement_reading_exhausted: {
    status: 503,
    retryable: true,
    title: 'Statement not read to its end',
    en: 'The file was not read: {why}. Nothing of it was kept. Split it, or send it again later.',
    zh: '文件未能读完：{why}。未保存任何内容，请拆分文件或稍后重试。',
  },
  statement_file_not_found: {
    status: 404,
    retryable: false,
    title: 'Statement file unknown',
    en: 'There is no statement file {file_id}. Look the files up with GET /v1/statement-files.',
    zh: '不存在对账单文件 {file_id}，请通过 GET /v1/statement-files 查询。',
  },
  proof_not_found: {
    status: 404,
    retryable: false,
    title: 'No proof of that day',
    en: 'There is no proof of {date}. Ask for one with POST /v1/reconciliations.',
    zh: '{date} 尚无资金核对结果，请通过 POST /v1/reconciliations 发起对账。',
  },
  reconciliation_day_not_over: {
    status: 422,
    retryable: true,
    title: 'Day not over',
    en: 'The bank day {date} is not over yet (it is {today}). Reconcile a day that has ended.',
    zh: '银行日 {date} 尚未结束（今天是 {today}），请对已结束的日期对账。',
  },
  reconciliation_contract_unknown: {
    status: 404,
    retryable: false,
    title: 'No such acquirer contract',
    en: 'There is no acquirer contract {contract}. See GET /v1/channels for those there are.',
    zh: '不存在收单合同 {contract}，可用合同见 GET /v1/channels。',
  },
  exception_not_found: {
    status: 404,
    retryable: false,
    title: 'Exception unknown',
    en: 'There is no exception {exception_id}. Look it up with GET /v1/exceptions.',
    zh: '不存在差错 {exception_id}，请通过 GET /v1/exceptions 查询。',
  },
  exception_state_conflict: {
    status: 409,
    retryable: false,
    title: 'Not in this state',
    en: 'The exception {exception_id} is {state} and cannot become {wanted}. Look at it again.',
    zh: '差错 {exception_id} 当前状态为 {state}，不能变为 {wanted}，请重新查看。',
  },
  exception_proposal_invalid: {
    status: 422,
    retryable: false,
    title: 'Proposal not usable',
    en: 'The proposal is not usable: {problem}.',
    zh: '处理方案不可用：{problem}。',
  },
  exception_deadline_invalid: {
    status: 422,
    retryable: false,
    title: 'Deadline has passed',
    en: 'The deadline {deadline} is not after now. Name a later one.',
    zh: '截止时间 {deadline} 不晚于当前时间，请指定更晚的时间。',
  },
});

export const refuse = refuser(reconciliationErrors);
