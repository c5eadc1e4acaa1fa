import { defineErrors } from '@keyturn/kernel';

/** Refusals that any route can give. */
export const platformErrors = defineErrors({
  internal_error: {
    status: 500,
    retryable: true,
    title: 'Something went wrong on our side',
    en: 'We could not carry this out because of an error of ours (reference {reference}). Try again with the same key; tell us the reference if it stays.',
    zh: '由于系统内部错误未能完成（编号 {reference}）。请使用相同的幂等键重试；若仍失败请提供该编号。',
  },
  unavailable: {
    status: 503,
    retryable: true,
    title: 'Not available right now',
    en: 'The platform cannot answer right now ({reason}). Ask again with the same key in {seconds} seconds; nothing is done twice.',
    zh: '系统暂时无法应答（{reason}）。请在 {seconds} 秒后使用相同的幂等键重试，不会重复执行。',
  },
  request_invalid: {
    status: 400,
    retryable: false,
    title: 'Request not valid',
    en: 'The field {field} is not valid: {problem}. Correct it and send the request again.',
    zh: '字段 {field} 无效：{problem}。请更正后重新发送。',
  },
  body_unreadable: {
    status: 400,
    retryable: false,
    title: 'Body not readable',
    en: 'The body cannot be read: {problem}. Send JSON in UTF-8 with the content type application/json.',
    zh: '请求体无法读取：{problem}。请以 application/json 发送 UTF-8 编码的 JSON。',
  },
  body_too_large: {
    status: 413,
    retryable: false,
    title: 'Body too large',
    en: 'The body is larger than {limit} bytes. Send less at a time.',
    zh: '请求体超过 {limit} 字节，请分批发送。',
  },
  media_type_unsupported: {
    status: 415,
    retryable: false,
    title: 'Media type not supported',
    en: 'This route does not take the content type {type}. Send application/json.',
    zh: '该接口不接受内容类型 {type}，请使用 application/json。',
  },
  route_not_found: {
    status: 404,
    retryable: false,
    title: 'No such address',
    en: 'There is nothing at {method} {path}. The list of addresses is at /docs.',
    zh: '地址 {method} {path} 不存在。接口列表见 /docs。',
  },
  id_invalid: {
    status: 400,
    retryable: false,
    title: 'Id not valid',
    en: '{value} is not an id of the form {prefix}_…; send the id as it was given to you.',
    zh: '{value} 不是 {prefix}_… 形式的编号，请原样发送收到的编号。',
  },
  cursor_invalid: {
    status: 400,
    retryable: false,
    title: 'Cursor not valid',
    en: 'The cursor is not one of ours. Leave it out to begin at the first page.',
    zh: '游标无效。省略该参数可从第一页开始。',
  },
  idempotency_key_missing: {
    status: 400,
    retryable: false,
    title: 'Idempotency-Key missing',
    en: 'This call moves money or state and needs the header Idempotency-Key (1 to 200 visible characters), the same at each repeat.',
    zh: '该接口涉及资金或状态变更，需要请求头 Idempotency-Key（1 至 200 个可见字符），重试时保持不变。',
  },
  idempotency_conflict: {
    status: 422,
    retryable: false,
    title: 'Idempotency key used for something else',
    en: 'The key {key} was used for another request. Use a new key for a new request.',
    zh: '幂等键 {key} 已用于另一请求。新的请求请使用新的键。',
  },
});
