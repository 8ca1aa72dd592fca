/** Loads every part: the engine, what writes, OAuth, automatic paging and what calls a parse function. Prints `2`. */
const program = `
const auth = { type: 'oauth2_client_credentials', accessTokenUrl: 'https://api.example.com/token', clientId: 'a', clientSecret: 'b' }
const source = defineSource({
  name: 'crm',
  client: { baseUrl: 'https://api.example.com', auth },
  resources: [{ name: 'items', primaryKey: 'id', endpoint: { parse: (text, { json }) => ({ body: json(text), ended: true }) } }],
})
const fetch = async (url) => Response.json(url.endsWith('/token') ? { access_token: 't' } : [{ id: 1 }, { id: 2 }])
const store = memoryStore()
sync(source, store, { ports: { fetch } })
  .then(() => openDataset(source, store))
  .then((data) => data.table('items').count())
  .then((rows) => console.log(rows))
`

export const esmProgram = `
import { defineSource, openDataset, sync } from 'syncline'
import { memoryStore } from 'syncline/adapters/memory'
${program}`

export const cjsProgram = `
const { defineSource, openDataset, sync } = require('syncline')
const { memoryStore } = require('syncline/adapters/memory')
${program}`
