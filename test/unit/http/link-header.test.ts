import fc from 'fast-check'
import { expect, test } from 'vitest'
import { LONGEST_LINK_HEADER, linkTarget, parseLinkHeader } from '../../../src/http/link-header.ts'
import { fastest } from '../fastest.ts'

const PAGE = 'https://api.example.com/items?page=1'

// What `next` is: the target as written, or none.
const headers: [header: string, target: string | undefined][] = [
  // Plain forms
  ['</2>; rel="next"', '/2'],
  ['</2>; rel=next', '/2'],
  ["</2>; rel='next'", undefined],
  ['<https://api.example.com/items?page=2>; rel="next"', 'https://api.example.com/items?page=2'],
  ['<//other.example.org/2>; rel="next"', '//other.example.org/2'],
  ['<?page=2>; rel="next"', '?page=2'],
  ['<>; rel="next"', ''],
  ['<2>;rel="next"', '2'],
  ['<2>;rel=next', '2'],
  ['< /2 >; rel=next', '/2'],
  ['</a b>; rel=next', '/a b'],
  ['</é>; rel=next', '/é'],
  // Space where it may be
  ['  </2>; rel="next"', '/2'],
  ['\t</2>; rel="next"', '/2'],
  ['</2>  ;  rel="next"  ', '/2'],
  ['</2>\t;\trel="next"\t', '/2'],
  ['</2>; rel = "next"', '/2'],
  ['</2>; rel\t=\tnext', '/2'],
  ['</2>; rel= next ', '/2'],
  ['</2>; rel="next" , </9>; rel="last"', '/2'],
  ['</2>;   rel="next"; title="x"', '/2'],
  // Case
  ['</2>; REL="next"', '/2'],
  ['</2>; Rel=NEXT', '/2'],
  ['</2>; rel="Next"', '/2'],
  ['</2>; rEl="pReV nExT"', '/2'],
  // Several relations in one value
  ['</2>; rel="next last"', '/2'],
  ['</2>; rel="last next"', '/2'],
  ['</2>; rel="  last   next  "', '/2'],
  ['</2>; rel="last\tnext"', '/2'],
  ['</2>; rel="nextpage"', undefined],
  ['</2>; rel="next-page"', undefined],
  ['</2>; rel="notnext"', undefined],
  ['</2>; rel="next,last"', undefined],
  ['</2>; rel="https://example.com/next"', undefined],
  ['</2>; rel="https://example.com/rel next"', '/2'],
  ['</2>; rel=""', undefined],
  ['</2>; rel=', undefined],
  ['</2>; rel', undefined],
  ['</2>', undefined],
  // The first of several rel parameters counts
  ['</2>; rel="next"; rel="last"', '/2'],
  ['</2>; rel="last"; rel="next"', undefined],
  ['</2>; rel; rel="next"', undefined],
  ['</2>; REL=last; rel=next', undefined],
  // Other parameters, before and after
  ['</2>; title="Page 2"; rel="next"', '/2'],
  ['</2>; rel="next"; title="Page 2"', '/2'],
  ['</2>; type="application/json"; rel="next"; hreflang=en', '/2'],
  ['</2>; results="true"; rel="next"', '/2'],
  ['</2>; results="true"; rel=next; cursor="0:100:0"', '/2'],
  ['</2>; rel="next"; results="false"; cursor="0:200:0"', undefined],
  ['</1>; rel="previous"; results="false", </2>; rel="next"; results="true"', '/2'],
  ["</2>; title*=UTF-8''n%c3%a4chste; rel=next", '/2'],
  ["</2>; rel*=UTF-8''next", undefined],
  ['</2>; crossorigin; rel=next', '/2'],
  ['</2>; crossorigin=; rel=next', '/2'],
  ['</2>; a=b=c; rel=next', '/2'],
  ['</2>; x-rel=next', undefined],
  ['</2>; relation=next', undefined],
  ['</2>; rev=next', undefined],
  ['</2>; prel="next"', undefined],
  ['</2>; ; rel=next', '/2'],
  ['</2>;;; rel=next', '/2'],
  ['</2>; rel=next;', '/2'],
  ['</2>; =x; rel=next', '/2'],
  // Signs in quoted values that separate elsewhere
  ['</2>; title="a,b"; rel=next', '/2'],
  ['</2>; title="a;b"; rel=next', '/2'],
  ['</2>; title="</3>; rel=next"; rel=last', undefined],
  ['</2>; title="x, </3>; rel=next", </4>; rel=next', '/4'],
  ['</2>; title="a\\"b"; rel=next', '/2'],
  ['</2>; title="a\\\\"; rel=next', '/2'],
  ['</2>; title="\\", </3>; rel=next"; rel=last', undefined],
  ['</2>; rel="\\n\\e\\x\\t"', '/2'],
  ['</2>; title=""; rel=next', '/2'],
  ['</2>; title="x"y; rel=next', undefined],
  // Signs in targets that separate elsewhere
  ['</2?a=1,2>; rel=next', '/2?a=1,2'],
  ['</2?a=1;b=2>; rel=next', '/2?a=1;b=2'],
  ['</2?q="x">; rel=next', '/2?q="x"'],
  ['</2?next=rel=next>; rel=last', undefined],
  ['<</2>; rel=next', '</2'],
  ['</2?a=%3E>; rel=next', '/2?a=%3E'],
  // Several links
  ['</1>; rel=prev, </2>; rel=next', '/2'],
  ['</2>; rel=next, </1>; rel=prev', '/2'],
  ['</1>; rel="prev",</2>; rel="next",</9>; rel="last"', '/2'],
  ['</2>; rel=next, </3>; rel=next', '/2'],
  ['</1>,</2>; rel=next', '/2'],
  ['</1>; rel="first"\t,\t</2>; rel="next"', '/2'],
  [', </2>; rel=next', '/2'],
  [',,, </2>; rel=next,,', '/2'],
  ['</1>; rel=prev,, </2>; rel=next', '/2'],
  ['</1>; rel=prev; , </2>; rel=next', '/2'],
  ['</2>; rel=next </3>; rel=last', '/2'],
  // Links about something else
  ['</2>; rel=next; anchor="/other"', undefined],
  ['</2>; anchor="#section"; rel=next', undefined],
  ['</2>; anchor="https://other.example.org/"; rel=next', undefined],
  ['</2>; anchor=""; rel=next', '/2'],
  ['</2>; anchor="?page=1"; rel=next', '/2'],
  ['</2>; anchor="/items?page=1"; rel=next', '/2'],
  ['</2>; anchor="https://api.example.com/items?page=1"; rel=next', '/2'],
  ['</2>; anchor="https://API.example.com:443/items?page=1"; rel=next', '/2'],
  ['</2>; anchor="http://["; rel=next', undefined],
  ['</2>; anchor="/other"; rel=next, </3>; rel=next', '/3'],
  ['</2>; anchor="/other"; anchor=""; rel=next', undefined],
  // No links at all, and what is broken
  ['', undefined],
  [' ', undefined],
  [',', undefined],
  ['next', undefined],
  ['/2; rel=next', undefined],
  ['"</2>; rel=next"', undefined],
  ['</2; rel=next', undefined],
  ['</2', undefined],
  ['<', undefined],
  ['>', undefined],
  ['</2> rel=next', undefined],
  ['</2>x; rel=next', undefined],
  ['x</2>; rel=next', undefined],
  ['</2>; rel="next', '/2'],
  ['</2>; rel="', undefined],
  ['</2>; rel="next\\', undefined],
  ['</2>; title="x; rel=next', undefined],
  ['bad, </2>; rel=next', '/2'],
  ['</1>bad, </2>; rel=next', '/2'],
  ['</1, </2>; rel=next', '/1, </2'],
  ['</2>; rel=next\0', undefined],
]

test('the table is long enough', () => {
  expect(new Set(headers.map(([header]) => header)).size).toBe(headers.length)
  expect(headers.length).toBeGreaterThanOrEqual(100)
})

test.each(headers)('the next link of %j is %j', (header, target) => {
  expect(linkTarget(header, 'next', PAGE)).toBe(target)
})

test('all links with their parameters', () => {
  const links = parseLinkHeader('</1>; rel="prev"; Title="a \\"b\\"; c", <2>; rel=next; rel=last; crossorigin')
  expect(links.map(({ target, params }) => [target, Object.fromEntries(params)])).toEqual([
    ['/1', { rel: 'prev', title: 'a "b"; c' }],
    ['2', { rel: 'next', crossorigin: '' }],
  ])
})

test('several Link headers are one list', () => {
  const received = new Headers([
    ['link', '</1>; rel=prev'],
    ['link', '</2>; rel=next'],
  ])
  expect(linkTarget(received.get('link') ?? '', 'next', PAGE)).toBe('/2')
})

test('what is written is read', () => {
  const target = fc.string({ unit: fc.constantFrom('a', '/', '?', '=', ',', ';', '"', ' ', "'", 'é'), maxLength: 10 })
  const value = fc.string({ unit: fc.constantFrom('a', '"', '\\', ',', ';', '<', '>', ' ', '='), maxLength: 8 })
  const name = fc.constantFrom('rel', 'title', 'anchor', 'x-y', 'type')
  const link = fc.record({ target: target.map((text) => text.trim()), params: fc.dictionary(name, value) })
  const quote = (text: string) => `"${text.replaceAll(/["\\]/g, '\\$&')}"`
  fc.assert(
    fc.property(fc.array(link, { maxLength: 4 }), fc.constantFrom('', ' ', '\t '), (links, gap) => {
      const written = links.map(({ target, params }) =>
        [`<${target}>`, ...Object.entries(params).map(([key, text]) => `${gap}${key}${gap}=${gap}${quote(text)}`)].join(
          `${gap};`,
        ),
      )
      const read = parseLinkHeader(written.join(`${gap},${gap}`))
      expect(read.map(({ target, params }) => ({ target, params: Object.fromEntries(params) }))).toEqual(
        links.map(({ target, params }) => ({ target, params: { ...params } })),
      )
    }),
    { seed: 8, numRuns: 5000 },
  )
})

test('any text is read without an error', () => {
  const sign = fc.constantFrom(
    '<',
    '>',
    ';',
    ',',
    '"',
    '\\',
    '=',
    ' ',
    '\t',
    'rel',
    'next',
    'anchor',
    'a',
    '*',
    '\0',
    'é',
  )
  fc.assert(
    fc.property(fc.array(sign, { maxLength: 40 }), (signs) => {
      linkTarget(signs.join(''), 'next', PAGE)
    }),
    { seed: 9, numRuns: 50_000 },
  )
})

test('16 KiB of anything are read in no time, and what is beyond is not read', () => {
  const parts = [
    '<',
    '>',
    '"',
    '\\',
    ',',
    ';',
    '=',
    ' ',
    '\t',
    '<>',
    '<>;',
    '<>;a',
    '<>,',
    '< ',
    ';a="',
    '<a>;b="c\\"',
    ',<',
    '<>; rel="next ',
    '<>;a;a',
  ]
  for (const part of parts) {
    for (const header of [part.repeat(65_536 / part.length), `<>${part.repeat(16_000 / part.length)}`]) {
      expect(
        fastest(() => linkTarget(header, 'prev', PAGE)),
        part,
      ).toBeLessThan(20)
    }
  }
  expect(linkTarget(`${' '.repeat(LONGEST_LINK_HEADER - 17)}</2>; rel="next">`, 'next', PAGE)).toBe('/2')
  expect(linkTarget(`${' '.repeat(LONGEST_LINK_HEADER)}</2>; rel="next"`, 'next', PAGE)).toBeUndefined()
})
