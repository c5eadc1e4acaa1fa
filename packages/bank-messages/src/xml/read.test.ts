import { describe, expect, test } from 'vitest';
import { bytesOf } from '../../test/fixtures.ts';
import { at, child, childrenOf, findAll, namespaceOf, pathOf } from './element.ts';
import { defaultXmlLimits } from './guard.ts';
import { readXml } from './read.ts';

function root(text: string) {
  const read = readXml(bytesOf(text), 'a.xml');
  if (!read.ok) throw new Error(read.error.reason);
  return read.value.root;
}

function refusal(text: string, limits = defaultXmlLimits) {
  const read = readXml(bytesOf(text), 'a.xml', limits);
  return read.ok ? undefined : { code: read.error.code, reason: read.error.reason };
}

describe('what is read', () => {
  test('values stay strings, attributes are kept, brothers keep their order', () => {
    const element = root('<a x="007"><b>0010.50</b><c/><b> 1e3 </b></a>');
    expect(element.attributes.get('x')).toBe('007');
    expect(childrenOf(element, 'b').map(({ text }) => text)).toEqual(['0010.50', '1e3']);
    expect(pathOf(childrenOf(element, 'b')[1] ?? element)).toBe('/a/b[2]');
    expect(pathOf(child(element, 'c') ?? element)).toBe('/a/c');
  });

  test('prefixes are taken off names and resolved to their namespace', () => {
    const element = root('<e:a xmlns:e="urn:one"><f:b xmlns:f="urn:two"><c/></f:b></e:a>');
    expect(element.name).toBe('a');
    expect(namespaceOf(element)).toBe('urn:one');
    const inner = at(element, 'b');
    expect(inner && namespaceOf(inner)).toBe('urn:two');
    expect(findAll(element, ({ name }) => name === 'c').length).toBe(1);
  });

  test('the five entities and numeric references are resolved once', () => {
    expect(root('<a>&lt;&amp;lt;&gt;&quot;&apos;&#65;&#x4e2d;</a>').text).toBe('<&lt;>"\'A中');
  });

  test('CDATA is text as it stands, comments are no text', () => {
    expect(root('<a>1<!-- 2 --><![CDATA[&amp;<b>]]>3</a>').text).toBe('1&amp;<b>3');
  });

  test('a lone ampersand, as careless exports have it, stays', () => {
    expect(root('<a>M&S & Co</a>').text).toBe('M&S & Co');
  });

  test('a > inside an attribute does not end the tag', () => {
    expect(root('<a x="1>2"><b>3</b></a>').attributes.get('x')).toBe('1>2');
  });

  test('element names that mean something to JavaScript do no harm', () => {
    for (const name of ['__proto__', 'constructor', 'prototype']) {
      expect(readXml(bytesOf(`<a><${name}><x>1</x></${name}></a>`), 'a.xml').ok).toBe(false);
    }
    expect(Object.hasOwn(Object.prototype, 'x')).toBe(false);
  });
});

describe('what is refused', () => {
  const bomb = `<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "aaaaaaaaaa">${Array.from(
    { length: 9 },
    (_, level) => `<!ENTITY a${level} "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">`,
  ).join('')}]><l>&a8;</l>`;

  test.each([
    ['a billion laughs', bomb],
    ['an external entity', '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'],
    ['an external subset', '<!DOCTYPE a SYSTEM "http://127.0.0.1:9/x.dtd"><a/>'],
    ['a document type after a comment', '<?xml version="1.0"?><!-- x --><!DOCTYPE a><a/>'],
    ['a document type in small letters', '<!doctype a><a/>'],
  ])('%s: any document type', (_name, text) => {
    expect(refusal(text)?.code).toBe('xml_forbidden');
  });

  test.each([
    ['<a><b></a>', '</a> stands where </b> is due'],
    ['<a><b>', 'the end is reached while <b> is open'],
    ['<a', 'the tag <a> is not finished'],
    ['<a></a></a>', '</a> stands where nothing is open'],
    ['<a/><b/>', 'there is a second root element'],
    ['<a/>text', 'there is text outside the root element'],
    ['<a><!-- x</a>', 'a comment is not closed'],
    ['<a><![CDATA[x</a>', 'a CDATA section is not closed'],
    ['<a>&nbsp;</a>', 'the entity &nbsp; is not known'],
    ['<a>&#0;</a>', 'the entity &#0; is not known'],
    ['<a>\u0001</a>', 'there is a control character'],
    ['', 'there is no element'],
    ['<a>< b></a>', 'a "<" is not followed by a name'],
  ])('%j is not well formed', (text, words) => {
    expect(refusal(text)?.code).toBe('xml_malformed');
    expect(refusal(text)?.reason).toContain(words);
  });

  test('the line of the fault is said', () => {
    expect(refusal('<a>\n<b>\n</c>\n</a>')?.reason).toContain('a.xml, line 3:');
  });

  test('depth and number of elements are bounded', () => {
    const deep = '<a>'.repeat(61) + '</a>'.repeat(61);
    expect(refusal(deep)?.code).toBe('xml_too_big');
    expect(refusal('<a>'.repeat(60) + '</a>'.repeat(60))).toBeUndefined();
    const limits = { ...defaultXmlLimits, maxElements: 3 };
    expect(refusal('<a><b/><b/><b/></a>', limits)?.code).toBe('xml_too_big');
    expect(refusal('<a><b/><b/></a>', limits)).toBeUndefined();
  });
});
