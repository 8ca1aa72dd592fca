/** Loads every part: the engine, what writes, OAuth, automatic paging, what calls a parse function, what tells changes. Prints `OUTPUT`. */
const program = `
const auth = { type: 'oauth2_client_credentials', accessTokenUrl: 'https://api.example.com/token', clientId: 'a', clientSecret: 'b' }
const source = defineSource({
  name: 'crm',
  client: { baseUrl: 'https://api.example.com', auth },
  resources: [{ name: 'items', primaryKey: 'id', endpoint: { parse: (text, { json }) => ({ body: json(text), ended: true }) } }],
})
const fetch = async (url) => Response.json(url.endsWith('/token') ? { access_token: 't' } : [{ id: 1 }, { id: 2 }])
const store = memoryStore()
const run = () => sync(source, store, { ports: { fetch } })
openDataset(source, store)
  .then((data) => {
    const told = new Promise((resolve) => {
      const stop = data.table('items').subscribe((changes) => resolve([changes, stop()]))
    })
    return run()
      .then(() => told)
      .then(([changes]) => console.log(changes.map(({ type, key }) => type + key).join()))
      .then(() => data.table('items').count())
  })
  .then((rows) => console.log(rows))
`

export const OUTPUT = 'added1,added2\n2\n'

export const esmProgram = `
import { defineSource, openDataset, sync } from 'syncline'
import { memoryStore } from 'syncline/adapters/memory'
${program}`

export const cjsProgram = `
const { defineSource, openDataset, sync } = require('syncline')
const { memoryStore } = require('syncline/adapters/memory')
${program}`
