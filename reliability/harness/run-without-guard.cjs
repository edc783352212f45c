/** Runs TypeScript as the tests do; REMOVED_GUARD names a text of one file that is replaced as the file is loaded. */
const { readFileSync } = require('node:fs')
require('../../chassis/testing/run-typescript.cjs')

const { REMOVED_GUARD: removed } = process.env
delete process.env.REMOVED_GUARD // the service knows nothing of it

if (removed !== undefined) {
  const { file: suffix, from, to } = JSON.parse(removed)
  const compile = require.extensions['.ts']
  require.extensions['.ts'] = (module, file) => {
    if (!file.endsWith(suffix)) {
      compile(module, file)
      return
    }
    const source = readFileSync(file, 'utf8')
    if (!source.includes(from)) throw new Error(`${suffix} has no such guard: ${from}`)
    const { ModuleKind, ScriptTarget, transpileModule } = require('typescript')
    const compilerOptions = { module: ModuleKind.CommonJS, target: ScriptTarget.ES2024, esModuleInterop: true }
    module._compile(
      transpileModule(
        source.replace(from, () => to),
        { compilerOptions },
      ).outputText,
      file,
    )
  }
}
