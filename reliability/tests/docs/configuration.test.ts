import { documentText } from '../../harness/commands'

interface Variable {
  name: string
  byDefault: string
  service: string
  compose: string
}

const variables = [
  ...documentText('docs/configuration.md').matchAll(/^\| `([A-Z_]+)` \| `?(.*?)`? \| (\w+) \| (\w+) \|/gm),
].map(([, name = '', byDefault = '', service = '', compose = '']): Variable => ({ name, byDefault, service, compose }))
const isPublishedPort = ({ name }: Variable) => /^(USER_SERVICE|ORDER_SERVICE|GATEWAY)_PORT$/.test(name)

test.each([
  ['both', 'chassis/src/service/config.ts'],
  ['user', 'user-service/src/config.ts'],
  ['order', 'order-service/src/config.ts'],
])('the table of variables says "%s" for those that %s reads', (service, file) => {
  const read = [...documentText(file).matchAll(/^ +([A-Z][A-Z_]+):/gm)].map(([, name]) => name!)
  const documented = variables.filter((variable) => variable.service === service && !isPublishedPort(variable))
  expect(documented.map(({ name }) => name).sort()).toEqual(read.sort())
})

test('.env.example has the variables of the table, with the same defaults', () => {
  const examples = new Map(
    [...documentText('.env.example').matchAll(/^#([A-Z_]+)=(.*)$/gm)].map(([, name, value]) => [name, value]),
  )
  expect([...examples.keys()].sort()).toEqual(variables.map(({ name }) => name).sort())
  for (const { name, byDefault } of variables) {
    // For the others, the table says how the default is found.
    if (/^[\w.]+$/.test(byDefault)) expect({ name, byDefault }).toEqual({ name, byDefault: examples.get(name) })
  }
})

test('of the Compose files, only docker-compose.yml switches CHAOS on, for both services', () => {
  expect(documentText('docker-compose.yml').match(/CHAOS: \$\{CHAOS:-on\}/g)).toHaveLength(2)
  expect(documentText('docker-compose.scale.yml')).not.toContain('CHAOS')
})

test.each<[file: string, service: string, more: string[], less: string[]]>([
  ['docker-compose.yml', 'user', [], []],
  ['docker-compose.yml', 'order', [], []],
  ['docker-compose.scale.yml', 'user', ['DATABASE_POOL'], ['CHAOS']],
  ['docker-compose.scale.yml', 'order', ['DATABASE_POOL'], ['CHAOS']],
])('%s hands to %s-service what the table says', (file, service, more, less) => {
  const text = documentText(file)
  const section = (name: string) => new RegExp(`^( *)${name}:.*?\n(.*?)(?=^\\1\\S|^\\S)`, 'ms').exec(text)?.[2] ?? ''
  const both = `${section('x-environment')}${section(`${service}-service`)}`
  const handedOn = [...both.matchAll(/^ +([A-Z_]+): \$\{\1:-/gm)].map(([, name]) => name!)
  const documented = variables.filter(
    (variable) =>
      ['both', service].includes(variable.service) && variable.compose === 'yes' && !isPublishedPort(variable),
  )
  const names = documented.map(({ name }) => name).filter((name) => !less.includes(name))
  expect(handedOn.sort()).toEqual([...names, ...more].sort())
})
