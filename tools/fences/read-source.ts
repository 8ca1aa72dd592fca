import ts from 'typescript'

export interface Import {
  readonly specifier: string
  readonly line: number
  /** Gone after compilation. */
  readonly typeOnly: boolean
}

export interface Reference {
  /** A free name, as `fetch`, or with a member, as `AbortSignal.any`. */
  readonly name: string
  readonly line: number
}

/** What the fences look at in one source file. */
export interface SourceFacts {
  readonly imports: readonly Import[]
  /** Names that the file uses as values and does not declare. */
  readonly references: readonly Reference[]
  /** Statements that do something, or could be changed, when the module is loaded. */
  readonly effects: readonly Reference[]
  readonly lines: number
}

export function readSource(fileName: string, text: string): SourceFacts {
  const file = ts.createSourceFile(fileName, text, ts.ScriptTarget.ES2022, true)
  const line = (node: ts.Node) => file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1
  const imports: Import[] = []
  const declared = new Set<string>()
  const used: Reference[] = []

  const visit = (node: ts.Node): void => {
    const found = importOf(node)
    if (found) imports.push({ ...found, line: line(node) })
    if (ts.isTypeNode(node) && !ts.isExpressionWithTypeArguments(node)) return void findImportTypes(node)
    if (ts.isInterfaceDeclaration(node) || isImplements(node)) return
    if (isDeclaration(node) && node.name && ts.isIdentifier(node.name)) declared.add(node.name.text)
    if (ts.isIdentifier(node) && isReference(node)) used.push({ name: nameWithMember(node), line: line(node) })
    ts.forEachChild(node, visit)
  }
  const findImportTypes = (node: ts.Node): void => {
    if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument) && ts.isStringLiteral(node.argument.literal)) {
      imports.push({ specifier: node.argument.literal.text, typeOnly: true, line: line(node) })
    }
    ts.forEachChild(node, findImportTypes)
  }
  visit(file)

  return {
    imports,
    references: used.filter(({ name }) => !declared.has(name.split('.')[0] ?? name)),
    effects: file.statements.flatMap((node) => {
      const name = effectOf(node)
      return name === undefined ? [] : [{ name, line: line(node) }]
    }),
    lines: text.trimEnd().split('\n').length,
  }
}

function importOf(node: ts.Node): Omit<Import, 'line'> | undefined {
  if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier)) {
    return { specifier: node.moduleSpecifier.text, typeOnly: isTypeOnlyClause(node.importClause) }
  }
  if (ts.isExportDeclaration(node) && node.moduleSpecifier && ts.isStringLiteral(node.moduleSpecifier)) {
    const names = node.exportClause && ts.isNamedExports(node.exportClause) ? node.exportClause.elements : undefined
    const typeOnly = node.isTypeOnly || (names !== undefined && names.length > 0 && names.every((n) => n.isTypeOnly))
    return { specifier: node.moduleSpecifier.text, typeOnly }
  }
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
    const [argument] = node.arguments
    const specifier = argument && ts.isStringLiteral(argument) ? argument.text : '(computed)'
    return { specifier, typeOnly: false }
  }
  return undefined
}

function isTypeOnlyClause(clause: ts.ImportClause | undefined): boolean {
  if (clause === undefined) return false
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true
  const names = clause.namedBindings
  if (clause.name || names === undefined || !ts.isNamedImports(names)) return false
  return names.elements.length > 0 && names.elements.every((name) => name.isTypeOnly)
}

function isDeclaration(node: ts.Node): node is ts.NamedDeclaration {
  return (
    ts.isVariableDeclaration(node) ||
    ts.isParameter(node) ||
    ts.isBindingElement(node) ||
    ts.isFunctionDeclaration(node) ||
    ts.isFunctionExpression(node) ||
    ts.isClassDeclaration(node) ||
    ts.isClassExpression(node) ||
    ts.isImportClause(node) ||
    ts.isImportSpecifier(node) ||
    ts.isNamespaceImport(node) ||
    ts.isEnumDeclaration(node)
  )
}

function isImplements(node: ts.Node): boolean {
  return ts.isHeritageClause(node) && node.token === ts.SyntaxKind.ImplementsKeyword
}

/** Whether an identifier stands for a value, and is not the name of a property or of a declaration. */
function isReference(node: ts.Identifier): boolean {
  const { parent } = node
  if (ts.isPropertyAccessExpression(parent) || ts.isMetaProperty(parent)) return parent.name !== node
  if (ts.isPropertyAssignment(parent) || ts.isEnumMember(parent)) return parent.initializer === node
  if (ts.isBindingElement(parent) || ts.isParameter(parent)) return parent.initializer === node
  if (ts.isPropertyDeclaration(parent) || ts.isVariableDeclaration(parent)) return parent.initializer === node
  if (ts.isImportSpecifier(parent) || ts.isExportSpecifier(parent)) return false
  if (ts.isLabeledStatement(parent) || ts.isBreakOrContinueStatement(parent)) return false
  if (ts.isTypeAliasDeclaration(parent) || ts.isTypeParameterDeclaration(parent)) return false
  return !(ts.isMethodDeclaration(parent) || ts.isAccessor(parent)) && !(isDeclaration(parent) && parent.name === node)
}

/** With its member where it has one; `globalThis.x` is `x`. */
function nameWithMember(node: ts.Identifier): string {
  const { parent } = node
  if (!ts.isPropertyAccessExpression(parent) || parent.expression !== node) return node.text
  if (node.text !== 'globalThis') return `${node.text}.${parent.name.text}`
  const outer = parent.parent
  const member = ts.isPropertyAccessExpression(outer) && outer.expression === parent ? `.${outer.name.text}` : ''
  return `${parent.name.text}${member}`
}

/** What a top-level statement does beyond declaring; modules must be free of it, or bundlers keep what nobody uses. */
function effectOf(node: ts.Statement): string | undefined {
  if (ts.isVariableStatement(node)) {
    if (!(node.declarationList.flags & ts.NodeFlags.Const)) return 'a variable that can change'
    const made = node.declarationList.declarations.map(({ initializer }) => initializer).filter((i) => i !== undefined)
    return made.some(isEmptyCollection)
      ? 'a collection that is filled later'
      : made.some(hasAwait)
        ? 'an await'
        : undefined
  }
  const isDeclarative =
    ts.isImportDeclaration(node) ||
    ts.isExportDeclaration(node) ||
    ts.isFunctionDeclaration(node) ||
    ts.isClassDeclaration(node) ||
    ts.isInterfaceDeclaration(node) ||
    ts.isTypeAliasDeclaration(node) ||
    (ts.isModuleDeclaration(node) && node.modifiers?.some((m) => m.kind === ts.SyntaxKind.DeclareKeyword))
  return isDeclarative ? undefined : 'a statement that runs'
}

/** `new Map()` and the like; weak ones hold nothing alive, so state that follows its owner may be kept in them. */
function isEmptyCollection(node: ts.Expression): boolean {
  return (
    ts.isNewExpression(node) &&
    ts.isIdentifier(node.expression) &&
    ['Map', 'Set'].includes(node.expression.text) &&
    !node.arguments?.length
  )
}

function hasAwait(node: ts.Node): boolean {
  if (ts.isAwaitExpression(node)) return true
  return !ts.isFunctionLike(node) && (ts.forEachChild(node, hasAwait) ?? false)
}
