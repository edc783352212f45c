import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ports, root, startStack } from '../harness/stack'

test('requests.http can be sent from top to bottom', async () => {
  await startStack()
  const [head = '', ...requests] = readFileSync(join(root, 'requests.http'), 'utf8').split(/^### .*$/m)
  const variables = new Map([...head.matchAll(/^@(\w+) = (.*)$/gm)].map(([, name, value]) => [name!, value!]))
  variables.set('users', `http://127.0.0.1:${ports['user-service']}`)
  variables.set('orders', `http://127.0.0.1:${ports['order-service']}`)
  const answers = new Map<string, Record<string, string>>()
  const statuses: string[] = []

  const fill = (text: string): string =>
    text.replace(/\{\{(.+?)\}\}/g, (_, what: string) => {
      if (what === '$timestamp') return String(Date.now())
      const [, name, field] = /^(\w+)\.response\.body\.(\w+)$/.exec(what) ?? []
      const value = name === undefined ? variables.get(what) : answers.get(name)?.[field!]
      if (value === undefined) throw new Error(`requests.http has no value for ${what}`)
      return fill(value)
    })

  for (const request of requests) {
    const [, name] = /^# @name (\w+)$/m.exec(request) ?? []
    const [lines = '', body] = request.replace(/^#.*$/gm, '').trim().split('\n\n')
    const [requestLine = '', ...headers] = lines.split('\n').map(fill)
    const [method = '', url = ''] = requestLine.split(' ')
    const answer = await fetch(url, {
      method,
      headers: headers.map((header) => header.split(': ') as [string, string]),
      ...(body !== undefined && { body: fill(body) }),
    })
    statuses.push(`${method} ${answer.status}`)
    if (name !== undefined) answers.set(name, await answer.json())
  }

  // user-service runs all the while here, so the second order is confirmed at once.
  expect(statuses).toEqual([
    'POST 201',
    'POST 200',
    'GET 200',
    'POST 201',
    'GET 200',
    'POST 200',
    'GET 200',
    'GET 200',
    'POST 201',
    'POST 201',
    'GET 200',
    'GET 200',
    'DELETE 204',
  ])
})
