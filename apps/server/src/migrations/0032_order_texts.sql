-- What the payer reads, in English as well. Written when the order is made, never changed.

alter table payments.order
  add column subject_en text,
  add column description_en text;
