import { expect, test } from 'vitest';
import { maskJson, maskMessage, maskName, maskNumber, maskXml } from './masking.ts';

test('a JSON message keeps its numbers and loses its people, however deep they stand', () => {
  const text = JSON.stringify({
    out_trade_no: 'A1',
    payer: { openid: 'oUpF8uMuAJO' },
    amount: { total: 100 },
    data: [{ serial_no: 'AB', encrypt_certificate: { ciphertext: 'secret' } }],
  });
  const masked = maskJson(text);
  expect(masked).toContain('"out_trade_no":"A1"');
  expect(masked).toContain('"total":100');
  expect(masked).toContain('"serial_no":"AB"');
  expect(masked).not.toContain('oUpF8uMuAJO');
  expect(masked).not.toContain('secret');
});

test('an ISO 20022 message keeps references and amounts and loses names, accounts and text', () => {
  const masked = maskXml(
    '<CdtrAcct><Id><Othr><Id>6225880137001234</Id></Othr></Id></CdtrAcct><Cdtr><Nm>张三丰</Nm></Cdtr>' +
      '<EndToEndId>PO1</EndToEndId><InstdAmt Ccy="CNY">1.00</InstdAmt><Ustrd>房款 张三丰</Ustrd>',
  );
  expect(masked).toContain('<Othr><Id>****1234</Id>');
  expect(masked).toContain('<Nm>张**</Nm>');
  expect(masked).toContain('<EndToEndId>PO1</EndToEndId>');
  expect(masked).toContain('1.00');
  expect(masked).not.toContain('张三丰');
});

test('what is neither JSON nor XML is shown by its size alone', () => {
  expect(maskMessage('password=1')).toBe('(10 characters, not JSON)');
});

test('a short number is hidden whole', () => {
  expect(maskNumber('12345678')).toBe('****');
  expect(maskName('')).toBe('**');
});

test('a long message is cut', () => {
  const masked = maskJson(JSON.stringify({ note: 'x'.repeat(10_000) }));
  expect(masked.length).toBeLessThan(8_300);
  expect(masked).toContain('characters)');
});
