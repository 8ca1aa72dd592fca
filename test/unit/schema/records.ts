import fc from 'fast-check'
import type { JsonObject, JsonValue } from '../../../src/json.ts'
import { MOST_FIELDS } from '../../../src/schema/shape.ts'

/** Names that objects inherit, that are no identifiers, or that would end a literal or a comment. */
const NAMES = [
  'a',
  'b',
  'id',
  '__proto__',
  'constructor',
  'toString',
  'prototype',
  "it's",
  'a"b',
  '*/',
  '`',
  'x\ny',
  '\u2028',
  '',
  '1',
  'a-b',
]

const scalars = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom('x', '', '2024-01-31', '2024-01-31T00:00:00Z', '2024-99-99', '*/ "'),
)

/** An object with so many names that it is a map; sometimes just as many as are not. What it holds may be objects. */
const held = fc.oneof(scalars, fc.dictionary(fc.constantFrom('a', 'b'), scalars))
const maps = fc
  .tuple(fc.integer({ min: MOST_FIELDS - 2, max: MOST_FIELDS + 2 }), fc.array(held, { minLength: 1, maxLength: 3 }))
  .map(([size, values]) =>
    Object.fromEntries(Array.from({ length: size }, (_, i) => [`k${i}`, values[i % values.length] ?? null])),
  )

function objectOf(value: fc.Arbitrary<JsonValue>): fc.Arbitrary<JsonObject> {
  const entry = fc.tuple(fc.constantFrom(...NAMES), value)
  // Own properties, whatever the name.
  return fc.array(entry, { maxLength: 4 }).map((entries) => Object.fromEntries(entries) as JsonObject)
}

const { value } = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    scalars as fc.Arbitrary<JsonValue>,
    fc.array(tie('value'), { maxLength: 3 }),
    objectOf(tie('value')),
    maps as fc.Arbitrary<JsonValue>,
  ),
}))

/** Records as an API may send them at its worst. */
export const records: fc.Arbitrary<JsonObject> = objectOf(value)
