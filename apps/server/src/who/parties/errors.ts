import { defineErrors, refuser } from '@keyturn/kernel';

/** No sentence repeats what was sent: it may be a person's. */
export const partiesErrors = defineErrors({
  party_text_invalid: {
    status: 422,
    retryable: false,
    title: 'Text not usable',
    en: 'The field {field} needs 1 to 100 characters, none of them a control character, besides spaces around. Correct it.',
    zh: '字段 {field} 须为 1 至 100 个字符，且不含控制字符或仅为空格。请更正。',
  },
  id_document_invalid: {
    status: 422,
    retryable: false,
    title: 'Identity document not valid',
    en: 'The number is not one of a {kind}. A resident_id has 18 characters with a real date of birth and a right check digit (GB 11643); other documents have 5 to 20 letters and digits. Compare it with the document.',
    zh: '证件号码与证件类型 {kind} 不符。居民身份证为 18 位，出生日期须真实且校验码正确（GB 11643）；其他证件为 5 至 20 位字母或数字。请与证件核对。',
  },
  phone_invalid: {
    status: 422,
    retryable: false,
    title: 'Telephone number not valid',
    en: 'The telephone number is neither a Chinese mobile number of 11 digits nor one in E.164 with its plus. Correct it.',
    zh: '电话号码既不是 11 位中国大陆手机号，也不是带加号的 E.164 号码。请更正。',
  },
  registration_number_invalid: {
    status: 422,
    retryable: false,
    title: 'Registration number not valid',
    en: 'The registration number is not a unified social credit code: 18 characters with a right check character (GB 32100). Compare it with the business licence.',
    zh: '统一社会信用代码须为 18 位且校验码正确（GB 32100）。请与营业执照核对。',
  },
  bank_account_number_invalid: {
    status: 422,
    retryable: false,
    title: 'Account number not valid',
    en: 'A bank account number has 6 to 34 digits and letters; spaces and dashes are left out. Compare it with the bank card.',
    zh: '银行账号须为 6 至 34 位数字或字母（空格与连字符将被忽略）。请与银行卡核对。',
  },
  bank_code_invalid: {
    status: 422,
    retryable: false,
    title: 'Bank code not valid',
    en: 'The bank code is the CNAPS code of the branch, exactly 12 digits. Ask the account holder or their bank for it.',
    zh: '联行号须为 12 位数字（CNAPS）。请向账户持有人或其开户行确认。',
  },
  holder_name_mismatch: {
    status: 422,
    retryable: false,
    title: 'Account of somebody else',
    en: 'The account holder is not the person that the account is added for. Money goes only to a person’s own account: correct the name, or leave it out.',
    zh: '账户户名与本人姓名不一致。资金只能付至本人账户：请更正户名，或省略该字段。',
  },
  bank_account_exists: {
    status: 409,
    retryable: false,
    title: 'Account is there already',
    en: 'This owner has this account number already as {bank_account_id}. Use that one, or disable it first.',
    zh: '该所有者已登记此账号（{bank_account_id}）。请直接使用，或先停用原账户。',
  },
  bank_account_disabled: {
    status: 409,
    retryable: false,
    title: 'Bank account disabled',
    en: 'The bank account {bank_account_id} is disabled. Use or add another account.',
    zh: '银行账户 {bank_account_id} 已停用，请使用或新增其他账户。',
  },
  bank_account_not_found: {
    status: 404,
    retryable: false,
    title: 'Bank account not found',
    en: 'There is no bank account {bank_account_id} that you can see. Check the id.',
    zh: '银行账户 {bank_account_id} 不存在或您无权查看，请核对编号。',
  },
  person_not_found: {
    status: 404,
    retryable: false,
    title: 'Person not found',
    en: 'There is no person {person_id} that you can see. Check the id.',
    zh: '个人 {person_id} 不存在或您无权查看，请核对编号。',
  },
  merchant_not_found: {
    status: 404,
    retryable: false,
    title: 'Merchant not found',
    en: 'There is no merchant {merchant_id} that you can see. Check the id.',
    zh: '商户 {merchant_id} 不存在或您无权查看，请核对编号。',
  },
});

export const refuse = refuser(partiesErrors);
