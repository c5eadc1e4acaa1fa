import { encodeId, ok, type Refusal, type Result } from '@keyturn/kernel';
import type { RowSet } from '@keyturn/pipeline';
import type { CommandContext, Concealed, Sealer } from '../../../platform/index.ts';
import { refuse } from '../errors.ts';
import { partiesEvent } from '../events.ts';
import { type PersonRow, sealContext } from '../rows.ts';
import type { DocumentKind, NewPerson, PersonView, Requester } from '../types.ts';
import { idPrefix, personView } from '../views.ts';
import { isName, normalDocument, normalName, normalPhone } from './identity.ts';
import { maskDocument, maskName, maskPhone } from './mask.ts';

export interface CreatePersonInput {
  readonly by: Requester;
  readonly person: Concealed<NewPerson>;
}

export function createPerson(
  persons: RowSet<PersonRow>,
  sealer: Sealer,
  { by, person: { value: wanted } }: CreatePersonInput,
  context: CommandContext,
): Result<PersonView, Refusal> {
  const name = normalName(wanted.name);
  if (!isName(name)) {
    return refuse('party_text_invalid', { param: 'name', values: { field: 'name' } });
  }
  const phone = wanted.phone === undefined ? null : normalPhone(wanted.phone);
  if (phone === undefined) return refuse('phone_invalid', { param: 'phone' });
  const document = documentOf(wanted);
  if (!document.ok) return document;

  const id = context.newId(by.id);
  const seal = (what: 'person.name' | 'person.document' | 'person.phone', text: string) =>
    sealer.seal(text, sealContext(what, id));
  const row = persons.insert({
    id,
    nameSealed: seal('person.name', name),
    nameMasked: maskName(name),
    documentKind: document.value?.kind ?? null,
    documentSealed: document.value ? seal('person.document', document.value.number) : null,
    documentMasked: document.value ? maskDocument(document.value.number) : null,
    phoneSealed: phone === null ? null : seal('person.phone', phone),
    phoneMasked: phone === null ? null : maskPhone(phone),
    createdByKind: by.kind,
    createdBy: by.id,
    createdAt: context.now,
    events: 1n,
  });
  const person_id = encodeId(idPrefix.person, id);
  context.emit(partiesEvent('person_created', id, 1n, { person_id }));
  return ok(personView(row));
}

function documentOf(
  wanted: NewPerson,
): Result<{ kind: DocumentKind; number: string } | undefined, Refusal> {
  if (wanted.idDocument === undefined) return ok(undefined);
  const { kind } = wanted.idDocument;
  const number = normalDocument(kind, wanted.idDocument.number);
  if (number === undefined) {
    return refuse('id_document_invalid', { param: 'id_document.number', values: { kind } });
  }
  return ok({ kind, number });
}
