/** Makes a service out of the greeting service: `npm run new-service -- NAME [--port N]`. */
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { readArguments, refuse } from './read-arguments.mjs'

const root = join(import.meta.dirname, '..')
const example = 'examples/greeting-service'
const exampleName = basename(example)
const usage = `Usage: npm run new-service -- NAME [--port N]

Copies ${example} to the folder NAME, as a service of that name, and adds the workspace.

  --port N  the port of the service; by default the next one that no service has`

const { values, positionals } = readArguments({
  name: 'new-service',
  usage,
  options: { port: { type: 'string' } },
  allowPositionals: true,
})
const manifestFile = join(root, 'package.json')
const manifest = JSON.parse(readFileSync(manifestFile, 'utf8'))
const name = readName()
const port = readPort()

cpSync(join(root, example), join(root, name), {
  recursive: true,
  filter: (source) => !['node_modules', 'dist', 'data'].includes(basename(source)),
})
for (const file of readdirSync(join(root, name), { recursive: true, withFileTypes: true })) {
  if (!file.isFile()) continue
  const path = join(file.parentPath, file.name)
  writeFileSync(path, renamed(readFileSync(path, 'utf8')))
}
manifest.workspaces.push(name)
writeFileSync(manifestFile, `${JSON.stringify(manifest, null, 2)}\n`)
console.log(`${name} is made, at port ${port}. What is left to do:

1. npm install --ignore-scripts
2. npm test -w ${name}
3. docker-compose.yml: add ${name}, with its volume, as ${name}/compose.yml shows. To user-service, add ${name} to
   TOKEN_AUDIENCES and TRUSTED_SERVICES. Then remove ${name}/compose.yml.
4. gateway/Caddyfile: add "import service ${name} ${port}" after the others
5. scripts/start.mjs: add '${name}': ${port} to portsByDefault
6. Replace greetings by what the service is for.

npm test names what is missing. docs/start-your-own.md explains each step.`)

function readName() {
  const [given, ...others] = positionals
  if (given === undefined || others.length > 0) refuse('new-service', 'which name? One, such as invoices')
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(given) || given.length > 40)
    refuse('new-service', 'a name has a to z, 0 to 9 and single hyphens, at most 40, and begins with a letter')
  if (manifest.workspaces.some((folder) => basename(folder) === given) || existsSync(join(root, given)))
    refuse('new-service', `${given} is taken`)
  return given
}

function readPort() {
  const taken = manifest.workspaces.flatMap((folder) => portOf(join(root, folder, 'Dockerfile')))
  if (values.port === undefined) return Math.max(...taken) + 1
  const given = /^\d{1,5}$/.test(values.port) ? Number(values.port) : 0
  if (given < 1 || given > 65_535) refuse('new-service', '--port must be an integer from 1 to 65535')
  if (taken.includes(given)) refuse('new-service', `another service has port ${given}`)
  return given
}

function portOf(dockerfile) {
  if (!existsSync(dockerfile)) return []
  return [...readFileSync(dockerfile, 'utf8').matchAll(/^EXPOSE (\d+)$/gm)].map(([, number]) => Number(number))
}

/** The text of a file, one folder further up and of the other name. */
function renamed(text) {
  const camel = name.replace(/-service$/, '').replace(/-(.)/g, (_match, first) => first.toUpperCase())
  return text
    .replaceAll(example, name)
    .replace(/\.\.\/\.\.(?=["'/])/g, '..')
    .replaceAll(exampleName, name)
    .replaceAll('greetingService', `${camel}Service`)
    .replaceAll('GREETING_SERVICE', name.toUpperCase().replaceAll('-', '_'))
    .replaceAll('greeting-data', `${name}-data`)
    .replace(/\b3002\b/g, String(port))
    .replace(/^( +)'(\w+)': /gm, '$1$2: ') // Prettier takes needless quotes away
}
