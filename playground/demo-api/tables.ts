import type { JsonObject } from '../../src/json.ts'
import { createRandom, type Random } from './random.ts'

/** A record of the demo API. Times are UTC in ISO 8601 with milliseconds, so their text sorts like the instants. */
export interface Row extends JsonObject {
  id: string
  updated_at: string
}

export const TABLES = ['customers', 'calls', 'messages', 'transactions'] as const
export type TableName = (typeof TABLES)[number]
export type Sizes = Record<TableName, number>

export const DEFAULT_SIZES: Sizes = { customers: 60, calls: 2_000, messages: 3_000, transactions: 25_000 }

const FIRST = Date.UTC(2024, 0, 1)
const DAY = 86_400_000
const HISTORY = 330 * DAY

/** The clock of the API stands here when the data has been made; every change made to it later is a minute later. */
export const DATA_ENDS = Date.UTC(2025, 0, 1)

const NAMES = [
  'Ada Lovelace',
  'José Álvarez',
  'Zoë Müller',
  '山田 太郎',
  'Владимир',
  'O’Brien & Sons',
  'Ærø 🦆',
] as const
const TEXTS = [
  'Invoice due',
  'Grüße aus Köln',
  'こんにちは',
  'Line one\nline two',
  '"quoted" \\ slash',
  '🎉 thanks!',
] as const
const CITIES = ['Berlin', 'São Paulo', '東京', 'Reykjavík'] as const

/** All rows, in the order in which the API lists them: by id. The same seed makes the same rows. */
export function makeTables(seed: number, sizes: Sizes): Record<TableName, Row[]> {
  return {
    customers: makeRows(seed + 1, sizes.customers, customer),
    calls: makeRows(seed + 2, sizes.calls, (r, t, i) => call(r, t, i, sizes.customers)),
    messages: makeRows(seed + 3, sizes.messages, (r, t, i) => message(r, t, i, sizes.customers)),
    transactions: makeRows(seed + 4, sizes.transactions, (r, t, i) => transaction(r, t, i, sizes.customers)),
  }
}

type Make = (random: Random, time: number, index: number) => Row

function makeRows(seed: number, size: number, make: Make): Row[] {
  const random = createRandom(seed)
  return Array.from({ length: size }, (_, i) => make(random, FIRST + Math.floor(((i + 1) / size) * HISTORY), i))
}

function customer(random: Random, time: number, index: number): Row {
  return {
    id: id('c', index, 4),
    name: random.pick(NAMES),
    email: random.chance(0.2) ? null : `customer${index}@example.com`,
    address: { city: random.pick(CITIES), zip: random.chance(0.3) ? null : String(random.int(10_000, 99_999)) },
    created_at: iso(time),
    updated_at: later(random, time),
  }
}

function call(random: Random, time: number, index: number, customers: number): Row {
  const answered = random.chance(0.8)
  return {
    id: id('call', index, 5),
    customer_id: someCustomer(random, customers),
    direction: random.pick(['inbound', 'outbound']),
    started_at: iso(time),
    duration_seconds: answered ? random.int(3, 3_600) : null,
    recording: answered && random.chance(0.5) ? { bytes: random.int(10_000, 9_000_000), format: 'opus' } : null,
    updated_at: later(random, time),
  }
}

function message(random: Random, time: number, index: number, customers: number): Row {
  return {
    id: id('m', index, 5),
    customer_id: someCustomer(random, customers),
    channel: random.pick(['sms', 'email', 'chat']),
    text: random.pick(TEXTS),
    labels: random.chance(0.5) ? [] : [random.pick(['vip', 'billing', 'späm'])],
    sent_at: iso(time),
    read_at: random.chance(0.4) ? null : later(random, time),
    updated_at: later(random, time),
  }
}

function transaction(random: Random, time: number, index: number, customers: number): Row {
  const card = random.chance(0.7)
  return {
    id: id('t', index, 6),
    customer_id: someCustomer(random, customers),
    transaction_date: iso(time),
    amount: random.chance(0.05) ? null : random.int(-5_000, 500_000) / 100,
    currency: random.pick(['EUR', 'JPY', 'BRL']),
    note: random.chance(0.6) ? null : random.pick(TEXTS),
    payment: { method: card ? 'card' : 'transfer', last4: card ? String(random.int(1_000, 9_999)) : null },
    updated_at: later(random, time),
  }
}

function id(prefix: string, index: number, digits: number): string {
  return `${prefix}_${String(index + 1).padStart(digits, '0')}`
}

function someCustomer(random: Random, customers: number): string {
  return id('c', random.int(0, customers - 1), 4)
}

function later(random: Random, time: number): string {
  return iso(time + random.int(0, 30 * DAY))
}

export function iso(ms: number): string {
  return new Date(ms).toISOString()
}
