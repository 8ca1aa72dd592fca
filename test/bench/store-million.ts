import { runChild } from './child.ts'
import { atMost, type Figure, mean, median, ms, times } from './measure.ts'

interface Played {
  loaded: number
  scanned: number
  merged: { bytes: number[]; times: number[] }
  got: { ms: number; operations: number }
}

interface Result {
  rows: number
  peakMegabytes: number
  few: Played
  many: Played
}

export async function runMillion(): Promise<Figure[]> {
  const { few, many, peakMegabytes, rows } = await runChild<Result>('store-million-run.ts', [
    '--max-old-space-size=128',
  ])
  const bytes = (typical: (list: readonly number[]) => number) => {
    const [small, large] = [typical(few.merged.bytes), typical(many.merged.bytes)]
    return {
      ratio: large / small,
      shown: `${times(large / small)} (${large.toFixed(2)} : ${small.toFixed(2)} per changed byte)`,
    }
  }
  const [one, all] = [bytes(median), bytes(mean)]
  const clock = `${ms(mean(many.merged.times))} : ${ms(mean(few.merged.times))}`
  return [
    {
      what: `${rows} records in files, a heap of 128 MB`,
      figure: `loaded in ${(many.loaded / 1000).toFixed(1)} s, read in ${(many.scanned / 1000).toFixed(1)} s; at most ${peakMegabytes.toFixed(0)} MB in all`,
    },
    atMost('bytes written by a merge of 1,000, 1,000,000 : 10,000 stored', one.ratio, 1.5, one.shown),
    atMost('the same with compaction, mean of 200 merges', all.ratio, 1.5, all.shown),
    {
      what: 'time of such a merge, 1,000,000 : 10,000 stored',
      figure: `${times(mean(many.merged.times) / mean(few.merged.times))} (${clock})`,
    },
    {
      what: 'point read of a store just opened, 1,000,000 stored',
      figure: `${ms(many.got.ms)}, ${many.got.operations.toFixed(1)} storage operations (10,000: ${ms(few.got.ms)}, ${few.got.operations.toFixed(1)})`,
    },
  ]
}
