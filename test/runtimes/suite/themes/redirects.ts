import type { Reply } from '../../api/script.ts'
import { equal, fails, ok } from '../assert.ts'
import type { Case, Theme } from '../suite.ts'

const KEY = 'k3y-of-the-api'
const auth = { token: KEY }
const once = { paginator: 'single_page' }
const PAGE: Reply = { json: [{ id: 1 }] }
const to = (location: string, status = 302): Reply => ({ status, headers: { location } })

const visible: Case['needs'] = ['visible redirects']

export const redirects: Theme = {
  name: 'redirects',
  cases: [
    ...[301, 302, 303, 307, 308].map(
      (status): Case => ({
        name: `a ${status} within the origin is followed, with the credentials`,
        needs: visible,
        async run({ api }) {
          await api.serves({ '/items': [to(`${api.base}/moved`, status)], '/moved': [PAGE] })
          equal(await api.read(once, { auth }), [{ id: 1 }])
          equal(
            (await api.log()).map(({ path, headers }) => [path, headers.authorization]),
            ['/items', '/moved'].map((path) => [path, `Bearer ${KEY}`]),
          )
        },
      }),
    ),
    ...[301, 302, 307].map(
      (status): Case => ({
        name: `a ${status} to another origin is refused, and nothing is sent there`,
        needs: visible,
        async run({ api }) {
          await api.serves({ '/items': [to(`${api.foreign}/items`, status)], 'foreign /items': [PAGE] })
          await fails(api.read(once, { auth }), 'foreign_origin')
          equal(
            (await api.log()).map(({ at }) => at),
            ['api'],
          )
        },
      }),
    ),
    {
      name: 'an allowed origin is asked without the credentials',
      needs: visible,
      async run({ api }) {
        await api.serves({ '/items': [to(`${api.foreign}/items`)], 'foreign /items': [PAGE] })
        const allowedOrigins = [new URL(api.foreign).origin]
        equal(await api.read(once, { auth, allowedOrigins }), [{ id: 1 }])
        const [, second] = await api.log()
        equal([second?.at, second?.headers.authorization ?? null], ['foreign', null])
      },
    },
    {
      name: 'a circle is refused',
      needs: visible,
      async run({ api }) {
        await api.serves({ '/items': [to(`${api.base}/b`)], '/b': [to(`${api.base}/items`)] })
        await fails(api.read(once), 'redirect_refused')
      },
    },
    {
      name: 'a POST that would become a GET is refused',
      needs: visible,
      async run({ api }) {
        await api.serves({ '/items': [to(`${api.base}/moved`)], '/moved': [PAGE] })
        await fails(api.read({ ...once, method: 'POST', json: { q: 1 } }), 'redirect_refused')
        equal((await api.log()).length, 1)
      },
    },
    {
      name: 'one that the browser hides is an error with a way out',
      needs: ['opaque redirects'],
      async run({ api }) {
        await api.serves({ '/items': [to(`${api.base}/moved`)], '/moved': [PAGE] })
        const error = await fails(api.read(once, { auth }), 'redirect_opaque')
        ok(`${error.hint}`.includes("client.redirect: 'follow'"), `${error.hint}`)
        equal((await api.log()).length, 1)
      },
    },
    {
      name: "with redirect 'follow' the end is taken, if it is of the API",
      async run({ api }) {
        await api.serves({ '/items': [to(`${api.base}/moved`)], '/moved': [PAGE] })
        equal(await api.read(once, { auth, redirect: 'follow' }), [{ id: 1 }])
      },
    },
    {
      name: "with redirect 'follow' a foreign end is an error",
      async run({ api }) {
        await api.serves({ '/items': [to(`${api.foreign}/items`)], 'foreign /items': [PAGE] })
        await fails(api.read(once, { redirect: 'follow' }), 'foreign_origin')
      },
    },
  ],
}
