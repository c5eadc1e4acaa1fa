import type { Refusal } from '@keyturn/kernel';
import type { FastifySchemaValidationError } from 'fastify';
import { Locale } from 'typebox/system';

/** Why a value does not fit its schema, for a person, in both languages. */
export interface Reason {
  readonly en: string;
  readonly zh: string;
}

type Failure = Pick<
  FastifySchemaValidationError,
  'keyword' | 'instancePath' | 'params' | 'message' | 'schemaPath'
>;

const formats: Readonly<Record<string, Reason>> = {
  'date-time': {
    en: 'it has to be an instant like 2026-01-31T09:00:00Z',
    zh: '须为时刻，例如 2026-01-31T09:00:00Z',
  },
  date: { en: 'it has to be a day like 2026-01-31', zh: '须为日期，例如 2026-01-31' },
};

const types: Readonly<Record<string, Reason>> = {
  integer: { en: 'a whole number', zh: '整数' },
  number: { en: 'a number', zh: '数字' },
  string: { en: 'a text', zh: '文本' },
  boolean: { en: 'true or false', zh: 'true 或 false' },
  array: { en: 'a list', zh: '列表' },
  object: { en: 'an object', zh: '对象' },
  null: { en: 'null', zh: 'null' },
};

/**
 * The reason of the first failure. What a union refuses fails once for each of its parts: the
 * values that any of them takes are named together.
 */
export function reasonOf(failures: readonly Failure[]): Reason {
  const [first] = failures;
  if (first === undefined) return { en: 'it does not fit', zh: '不符合要求' };
  const values = failures
    .filter(({ instancePath }) => instancePath === first.instancePath)
    .flatMap(({ params }) => params['allowedValues'] ?? params['allowedValue'] ?? []);
  if (values.length > 0) {
    const all = values.map(String);
    return { en: `it is none of ${all.join(', ')}`, zh: `须为以下之一：${all.join('、')}` };
  }
  return reasonByKeyword(first);
}

function reasonByKeyword(failure: Failure): Reason {
  const { keyword, params } = failure;
  const limit = String(params['limit']);
  switch (keyword) {
    case 'required':
      return { en: 'it is missing', zh: '缺少该字段' };
    case 'boolean':
    case 'additionalProperties':
      return { en: 'there is no such field here', zh: '此处没有该字段' };
    case 'type':
      return typeReason([params['type']].flat().map(String));
    case 'format':
      return formats[String(params['format'])] ?? { en: 'its form is wrong', zh: '格式不正确' };
    case 'pattern':
      return {
        en: `its form has to match ${String(params['pattern'])}`,
        zh: `格式须匹配 ${String(params['pattern'])}`,
      };
    case 'minLength':
      return { en: `it needs ${limit} or more characters`, zh: `至少 ${limit} 个字符` };
    case 'maxLength':
      return { en: `it takes ${limit} characters at most`, zh: `最多 ${limit} 个字符` };
    case 'minItems':
      return { en: `it needs ${limit} or more entries`, zh: `至少 ${limit} 项` };
    case 'maxItems':
      return { en: `it takes ${limit} entries at most`, zh: `最多 ${limit} 项` };
    case 'minimum':
      return { en: `it has to be ${limit} or more`, zh: `不得小于 ${limit}` };
    case 'maximum':
      return { en: `it has to be ${limit} or less`, zh: `不得大于 ${limit}` };
    case 'uniqueItems':
      return { en: 'it names something twice', zh: '有重复项' };
    case 'unstorable':
      return {
        en: 'it holds a null character or half a surrogate pair, which are not text',
        zh: '含有空字符或不完整的代理对，不是有效文本',
      };
    default:
      return otherReason(failure);
  }
}

function typeReason(wanted: readonly string[]): Reason {
  const names = wanted.map((type) => types[type] ?? { en: type, zh: type });
  return {
    en: `it has to be ${names.map(({ en }) => en).join(' or ')}`,
    zh: `须为${names.map(({ zh }) => zh).join('或')}`,
  };
}

/** What schemas of ours rarely say is told in the library's words. */
function otherReason({ keyword, params, instancePath, schemaPath, message = '' }: Failure): Reason {
  const failure = { keyword, params, instancePath, schemaPath };
  return { en: message, zh: Locale.zh_Hans(failure as Parameters<typeof Locale.zh_Hans>[0]) };
}

/** What does not fit its schema as a refusal, which names the field of the first failure. */
export function invalidRequest(all: readonly Failure[], where = 'body'): Refusal {
  const failures = meant(all);
  const [first] = failures;
  const path = (first?.instancePath ?? '').split('/').filter(Boolean).join('.');
  const missing = first?.params?.['requiredProperties'] ?? first?.params?.['missingProperty'];
  const field = [path, Array.isArray(missing) ? missing[0] : missing].filter(Boolean).join('.');
  const name = field === '' ? where : field;
  const { en: problem, zh: problem_zh } = reasonOf(failures);
  return { code: 'request_invalid', param: name, values: { field: name, problem, problem_zh } };
}

/**
 * Of a union whose parts are told apart by a constant, such as a `kind`, the failures of the part
 * that was meant; or, when it was none of them, that the constant is wrong.
 */
function meant(failures: readonly Failure[]): readonly Failure[] {
  const [first] = failures;
  const [union] = failures
    .filter(({ keyword, schemaPath, instancePath }) => {
      const isPart = first?.schemaPath.startsWith(`${schemaPath}/anyOf/`);
      return keyword === 'anyOf' && isPart && isWithin(first?.instancePath ?? '', instancePath);
    })
    .toSorted((a, b) => a.schemaPath.length - b.schemaPath.length);
  if (union === undefined) return failures;
  const start = `${union.schemaPath}/anyOf/`;
  const inside = failures.filter(({ schemaPath, instancePath }) => {
    return schemaPath.startsWith(start) && isWithin(instancePath, union.instancePath);
  });
  const parts = Map.groupBy(inside, (one) => one.schemaPath.slice(start.length).split('/', 1)[0]);
  const tellsApart = ({ keyword, instancePath }: Failure) =>
    keyword === 'const' && instancePath.lastIndexOf('/') === union.instancePath.length;
  const [fitting, ...others] = [...parts.values()].filter((part) => !part.some(tellsApart));
  if (fitting === undefined) return inside.filter(tellsApart);
  return others.length === 0 ? meant(fitting) : failures;
}

function isWithin(path: string, whole: string): boolean {
  return path === whole || path.startsWith(`${whole}/`);
}
