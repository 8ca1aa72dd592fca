import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isSynclineError } from '../../src/errors.ts'
import type { JsonObject, JsonValue } from '../../src/json.ts'
import { type Lookup, renderPath, renderText, renderValue } from '../../src/render-template.ts'
import { isSingleEntityPath, placeholdersOf } from '../../src/template.ts'
import { fastest } from './fastest.ts'

/** Any UTF-16 code unit, lone surrogates included. */
const codeUnit = fc.nat({ max: 0xffff }).map((code) => String.fromCharCode(code))

const from =
  (values: JsonObject): Lookup =>
  (expression) =>
    values[expression]

test('the placeholders of a text', () => {
  const text =
    "{{no}}/{org}/{resources.posts.id}/{resources.p['a.b'].c}/{incremental.start_value}/{user@domain}{set-name}"
  expect(placeholdersOf(text)).toEqual([
    { kind: 'param', expression: 'org', name: 'org' },
    { kind: 'resource', expression: 'resources.posts.id', resource: 'posts', field: 'id' },
    { kind: 'resource', expression: "resources.p['a.b'].c", resource: 'p', field: "['a.b'].c" },
    { kind: 'incremental', expression: 'incremental.start_value', name: 'start_value' },
    { kind: 'param', expression: 'user@domain', name: 'user@domain' },
    { kind: 'param', expression: 'set-name', name: 'set-name' },
  ])
})

const refused: [template: string, code: string][] = [
  ['{', 'config_invalid'],
  ['}', 'config_invalid'],
  ['a}b', 'config_invalid'],
  ['{a', 'config_invalid'],
  ['{}', 'config_invalid'],
  ['{a b}', 'config_invalid'],
  ['{id:>5}', 'config_invalid'],
  ['{id!r}', 'config_invalid'],
  ['{x[0]}', 'config_invalid'],
  ['{a{b}', 'config_invalid'],
  ['{resources.posts}', 'config_invalid'],
  ['{resources.}', 'config_invalid'],
  ['{resources.posts.}', 'config_invalid'],
  ['{resources..id}', 'config_invalid'],
  ['{resources.posts.a b}', 'selector_invalid'],
  ["{resources.posts['a}", 'selector_invalid'],
  ['{ "query": "{ users }" }', 'config_invalid'],
]

test.each(refused)('%j is refused', (template, code) => {
  expect(() => placeholdersOf(template)).toThrowError(expect.objectContaining({ code }))
})

const texts: [template: string, values: JsonObject, text: string | null][] = [
  ['', {}, ''],
  ['posts/{id}', { id: 1 }, 'posts/1'],
  ['posts/{resources.posts.id}', { 'resources.posts.id': 1 }, 'posts/1'],
  ['p/{id}/{{not}}', { id: 1 }, 'p/1/{not}'],
  ['p/{{{id}}}', { id: 1 }, 'p/{1}'],
  ['p/{{{{x}}}}/{id}', { id: 1 }, 'p/{{x}}/1'],
  ['p/{{not {id}}}', { id: 1 }, 'p/{not 1}'],
  ['p/{id}', { id: '' }, 'p/'],
  ['u/{user@domain}/{set-name}', { 'user@domain': 'j@e', 'set-name': 't' }, 'u/j@e/t'],
  ['{id}', { id: true }, 'true'],
  ['{id}', { id: 0 }, '0'],
  ['{id}', { id: 3.14 }, '3.14'],
  ['{id}', { id: '{other}' }, '{other}'],
  ['{id}', { id: { k: [1] } }, '{"k":[1]}'],
  ['{id}', { id: null }, null],
  ['x{id}', { id: null }, null],
  ['x{id}', {}, null],
]

test.each(texts)('text %s with %j', (template, values, text) => {
  expect(renderText(template, from(values))).toBe(text)
})

const jsons: [template: JsonValue, values: JsonObject, value: JsonValue][] = [
  [null, {}, null],
  [7, {}, 7],
  ['{id}', { id: 42 }, 42],
  ['{id}{id}', { id: 42 }, '4242'],
  ['x{id}', { id: 42 }, 'x42'],
  ['{id}y', { id: 42 }, '42y'],
  ['{id}', { id: null }, null],
  ['{id}', {}, null],
  ['x{id}', {}, null],
  ['{id}', { id: [1, 2] }, [1, 2]],
  ['{id}', { id: { k: 'v' } }, { k: 'v' }],
  ['{{ x }}', {}, '{ x }'],
  [{ e: [], o: {} }, {}, { e: [], o: {} }],
  [{ d: { c: '{id}', l: ['{id}', '{b}'] } }, { id: 1, b: 2 }, { d: { c: 1, l: [1, 2] } }],
  [{ m: [{ i: '{id}' }, 123, ['{v}', true]] }, { id: 't', v: 4 }, { m: [{ i: 't' }, 123, [4, true]] }],
]

test.each(jsons)('JSON %j with %j', (template, values, value) => {
  expect(renderValue(template, from(values))).toEqual(value)
})

const paths: [template: string, id: JsonValue, path: string][] = [
  ['posts/{id}', 1, 'posts/1'],
  ['posts/{id}/c', 'a/b c', 'posts/a%2Fb%20c/c'],
  ['posts/{id}', '../../admin', 'posts/..%2F..%2Fadmin'],
  ['posts/{id}', '1?admin=true#', 'posts/1%3Fadmin%3Dtrue%23'],
  ['posts/{id}', '..\\admin', 'posts/..%5Cadmin'],
  ['posts/{id}', '...', 'posts/...'],
  ['posts/{id}', '.a', 'posts/.a'],
  ['posts/{id}.json', 7, 'posts/7.json'],
  ['posts/{id}', '50%', 'posts/50%25'],
  ['posts/{id}', false, 'posts/false'],
  ['posts/{id}', 'é😀', 'posts/%C3%A9%F0%9F%98%80'],
  ['posts?since={id}', '2024-01-01T00:00:00Z', 'posts?since=2024-01-01T00%3A00%3A00Z'],
  ['https://api.example.com/{id}', 'x', 'https://api.example.com/x'],
  ['items/{id}:undelete', 'x', 'items/x:undelete'],
  ['{{x}}/{id}', 'x', '{x}/x'],
  ['/', 'x', '/'],
]

test.each(paths)('path %s with %j', (template, id, path) => {
  expect(renderPath(template, from({ id }))).toBe(path)
})

const unfit: [template: string, id: JsonValue | undefined][] = [
  ['posts/{id}', undefined],
  ['posts/{id}', null],
  ['posts/{id}', ''],
  ['posts/{id}', '.'],
  ['posts/{id}', '..'],
  ['posts/{id}', '%2e'],
  ['posts/{id}', '%2E.'],
  ['posts/{id}', '.%2e'],
  ['posts/{id}', []],
  ['posts/{id}', { a: 1 }],
  ['posts/{id}', Number.NaN],
  ['posts/{id}', Number.POSITIVE_INFINITY],
  ['posts/{id}', '\ud800'],
  // Harmless values whose surroundings make dots of them.
  ['posts/%2{id}/x', 'e'],
  ['posts/%2{id}%2e?x', 'E'],
]

test.each(unfit)('path %s refuses %j', (template, id) => {
  expect(() => renderPath(template, () => id)).toThrowError(expect.objectContaining({ code: 'path_param_invalid' }))
})

test.each([
  'https://{id}/x',
  'https://api.{id}',
  'http:{id}',
  '{id}://api.example.com',
  '{id}:x',
  '//{id}/x',
  '\\\\{id}',
  'https:\\{id}',
  'https://{id}@api.example.com/x',
  'https://api.example.com:{id}/x',
])('%s puts a value into the origin', (template) => {
  expect(() => renderPath(template, () => 'x')).toThrowError(expect.objectContaining({ code: 'config_invalid' }))
})

test('a rendered path has the segments of its template, and each gives its value back', () => {
  const value = fc.oneof(
    fc.string({ unit: codeUnit, minLength: 1, maxLength: 12 }),
    fc.string({
      unit: fc.constantFrom('.', '/', '%', '2', 'e', '\\', '?', '#', ':', '@', '\t', '\0', ' '),
      maxLength: 6,
    }),
  )
  fc.assert(
    fc.property(value, value, (a, b) => {
      let path: string
      try {
        path = renderPath('v1/{a}/posts/{b}', from({ a, b }))
      } catch (error) {
        if (isSynclineError(error, 'path_param_invalid')) return
        throw error
      }
      const { host, pathname, search, hash } = new URL(path, 'https://api.example.com/')
      expect([host, search, hash]).toEqual(['api.example.com', '', ''])
      expect(pathname.slice(1).split('/').map(decodeURIComponent)).toEqual(['v1', a, 'posts', b])
    }),
    { seed: 4, numRuns: 20_000 },
  )
})

test('what a path refuses is little: most texts are segments', () => {
  const texts = fc.sample(fc.string({ minLength: 1 }), { seed: 5, numRuns: 1000 })
  const rendered = texts.filter((text) => text !== '.' && text !== '..')
  expect(() => rendered.map((text) => renderPath('{id}', () => text))).not.toThrow()
})

test('a text made of doubled braces is itself', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(renderText(text.replaceAll(/[{}]/g, '$&$&'), () => null)).toBe(text)
    }),
    { seed: 6, numRuns: 2000 },
  )
})

test('any template is read or refused, in linear time', () => {
  const part = fc.constantFrom(
    '{',
    '}',
    '{a}',
    '{resources.a.b}',
    'resources.',
    'incremental.',
    'a',
    '.',
    '[',
    "'",
    '/',
    ' ',
    ':',
  )
  fc.assert(
    fc.property(fc.array(part, { maxLength: 30 }), (parts) => {
      for (const render of [placeholdersOf, renderText, renderPath, renderValue]) {
        try {
          render(parts.join(''), () => 'x')
        } catch (error) {
          if (!isSynclineError(error)) throw error
        }
      }
    }),
    { seed: 7, numRuns: 3000 },
  )
  for (const part of [
    '{',
    '}',
    '{{',
    '{a}',
    '{a',
    '{resources.a.b}',
    '{resources.',
    'a',
    '/',
    '{a}/',
    ' ',
    ':',
    '\\',
    '{a}:',
    '//a',
  ]) {
    const text = part.repeat(16_384 / part.length)
    for (const render of [placeholdersOf, renderText, renderPath, isSingleEntityPath]) {
      expect(
        fastest(() => render(text, () => 'x')),
        `${render.name} of ${part}`,
      ).toBeLessThan(50)
    }
  }
})

const entities: [path: string, single: boolean][] = [
  ['/users/{user_id}', true],
  ['/p/{product_id}/', true],
  ['/p/{product_id}//', true],
  ['/p/{product_id}?a=b', true],
  ['/p/{product_id}#s', true],
  ['/p/{product_id}.json', true],
  ['/p/{product_id}_data', true],
  ['/u/{user_id}/posts/{post_id}', true],
  ['{entity}', true],
  ['/users/{user-id}', true],
  ['/users/{123}', true],
  ['posts/{resources.posts.id}', true],
  ['/users/user_id', false],
  ['/users/{user_id}/details', false],
  ['/', false],
  ['', false],
  ['/{}', false],
  ['/p/{product_id}/#section', false],
  ['/users/{user id}', false],
  ['/users/{user_id}/{', false],
  ['/users/{{user_id}}', false],
]

test.each(entities)('%s leads to a single entity: %s', (path, single) => {
  expect(isSingleEntityPath(path)).toBe(single)
})
