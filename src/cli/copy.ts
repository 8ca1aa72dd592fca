import { readdir } from 'node:fs/promises'
import { filesystemStore, folderName } from '../../adapters/filesystem.ts'
import { SynclineError } from '../index.ts'
import type { Dataset } from '../store/dataset.ts'
import type { Store } from '../store/index.ts'
import type { Args } from './args.ts'

/** A copy in a folder, open for reading. */
export interface Copy {
  store: Store
  name: string
  dataset: Dataset
}

/** Opens the copy that is named, or the only one. Makes nothing: what is not there is refused with `config_invalid`. */
export async function openCopy({ dir, dataset: wanted }: Pick<Args, 'dir' | 'dataset'>): Promise<Copy> {
  const names = await copiesIn(dir)
  if (wanted === undefined && names.length > 1) {
    throw refuse(
      `There are ${names.length} copies in ${dir}`,
      `Say which one: --dataset ${names.join(', --dataset ')}.`,
    )
  }
  const name = wanted ?? names[0]
  if (name === undefined) {
    throw refuse(`There is no copy in ${dir}`, 'Is the folder right? `syncline sync <config> --to <dir>` makes one.')
  }
  const store = filesystemStore(dir)
  const dataset = await store.open(name)
  if ((await dataset.units()).length > 0) return { store, name, dataset }
  await dataset.close()
  throw refuse(`There is no copy ${JSON.stringify(name)} in ${dir}`, `What is there: ${names.join(', ') || 'nothing'}.`)
}

/** The names that can be read off the folders. A long or unusual one cannot, and has to be said. */
async function copiesIn(dir: string): Promise<string[]> {
  const entries = await readdir(dir).catch(() => [])
  return entries.flatMap((entry) => {
    const name = entry.slice(0, entry.lastIndexOf('-'))
    return folderName(name) === entry ? [name] : []
  })
}

function refuse(what: string, hint: string): SynclineError {
  return new SynclineError('config_invalid', what, { hint })
}
