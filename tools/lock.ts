/** The part of a `package-lock.json` that is looked at: a path in `node_modules` to what lies there. */
export interface Lock {
  readonly packages: Readonly<Record<string, LockedPackage>>
}

interface LockedPackage {
  readonly optionalDependencies?: Readonly<Record<string, string>>
  readonly resolved?: string
}

export function lockProblems({ packages }: Lock): string[] {
  return Object.entries(packages).flatMap(([path, { optionalDependencies = {}, resolved }]) => [
    ...Object.keys(optionalDependencies)
      .filter((name) => !folders(path).some((folder) => Object.hasOwn(packages, `${folder}node_modules/${name}`)))
      .map(
        (name) => `${path}: its optional dependency ${name} is not in the lock. Pin a version that has all of them.`,
      ),
    ...(resolved?.startsWith('http') ? [`${path}: names the registry it came from. See .npmrc.`] : []),
  ])
}

/** Where Node looks for the packages of a package, from the inside out: `a/node_modules/b/`, `a/`, ``. */
function folders(path: string): string[] {
  const parts = path === '' ? [] : path.split('/node_modules/')
  return [...parts.map((_, i) => `${parts.slice(0, parts.length - i).join('/node_modules/')}/`), '']
}
