/** What an issue brings, and the cases that wait for it, by suite. */
export interface Future {
  readonly issue: number
  readonly brings: string
  readonly cases: Readonly<Record<string, readonly string[]>>
}

/**
 * Every case that does not pass yet. The test holds this list in both directions: a case that fails and is not here turns
 * red, and so does one that is here and passes, so that nothing is forgotten and no gap stays on the list once it is
 * closed.
 */
export const waiting: readonly Future[] = [
  {
    issue: 6,
    brings: 'schema contracts and column hints',
    cases: {
      schema: [
        'not_null_hint_with_absent_key_passes',
        'contract_columns_discard_row',
        'contract_columns_discard_value',
        'contract_data_type_freeze',
        'contract_data_type_discard_row',
        'contract_data_type_discard_value',
        'contract_tables_freeze_new_child_table',
        'contract_tables_discard_value_new_child_table',
      ],
    },
  },
]
