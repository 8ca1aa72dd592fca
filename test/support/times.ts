import process from 'node:process'

/** `FAULTS=20`: twenty times as many kills, crashes and commits as in a run of the tests. */
export const TIMES = Number(process.env.FAULTS ?? 1)
