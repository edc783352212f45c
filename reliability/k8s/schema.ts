import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import ts from 'typescript'
import { root } from '../harness/compose-stack'
import type { Manifest } from './manifest'

const options: ts.CompilerOptions = {
  strict: true,
  noEmit: true,
  skipLibCheck: true,
  types: [],
  target: ts.ScriptTarget.ES2022,
  lib: ['lib.es2022.d.ts'],
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
}
let last: ts.Program | undefined // the types are parsed once

export function schemaFaults(manifests: readonly Manifest[]): string[] {
  return [...typeFaults(manifests), ...valueFaults(manifests)]
}

/** Integers, formats, patterns: what types cannot say. */
function valueFaults(manifests: readonly Manifest[]): string[] {
  const input = JSON.stringify(manifests)
  const printed = execFileSync(process.execPath, [join(__dirname, 'validate.mjs')], { input, encoding: 'utf8' })
  return JSON.parse(printed) as string[] // as it prints
}

/**
 * What the types of kubernetes-models, made from the schemas of Kubernetes, say against each object. The compiler refuses
 * properties that a type does not have; the package's own validators let them pass.
 */
function typeFaults(manifests: readonly Manifest[]): string[] {
  const sources = manifests.map((manifest, index) => ({ file: join(root, `manifest-${index}.ts`), manifest }))
  const texts = new Map(sources.map(({ file, manifest }) => [file, sourceOf(manifest)]))
  const files = ts.createCompilerHost(options)
  const host: ts.CompilerHost = {
    ...files,
    fileExists: (file) => texts.has(file) || files.fileExists(file),
    getSourceFile: (file, version) => {
      const text = texts.get(file)
      if (text !== undefined) return ts.createSourceFile(file, text, version)
      return last?.getSourceFile(file) ?? files.getSourceFile(file, version)
    },
  }
  const program = ts.createProgram([...texts.keys()], options, host)
  last = program
  return sources.flatMap(({ file, manifest: { kind, metadata } }) => {
    const source = program.getSourceFile(file)
    const diagnostics = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)]
    return diagnostics.map(({ messageText }) => `${kind} ${metadata.name}: ${lastLine(messageText)}`)
  })
}

function sourceOf(manifest: Manifest): string {
  const { apiVersion, kind } = manifest
  const models = apiVersion.startsWith('gateway.networking') ? '@kubernetes-models/gateway-api' : 'kubernetes-models'
  return `import type { I${kind} } from '${models}/${apiVersion}/${kind}'
export const manifest: I${kind} = ${JSON.stringify(manifest)}`
}

/** The one that names the property. */
function lastLine(message: string | ts.DiagnosticMessageChain): string {
  return ts.flattenDiagnosticMessageText(message, '\n').split('\n').at(-1)?.trim() ?? ''
}
