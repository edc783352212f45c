/**
 * The walk-through of the README as a program (`npm run demo`), against services that were started by Compose or
 * `npm start`. It stops user-service in between, and always restarts it and deletes its own user at the end.
 */
import { randomUUID } from 'node:crypto'
import { performance } from 'node:perf_hooks'
import process from 'node:process'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath, URL } from 'node:url'
import { readEnvironment } from '../chassis/src/service/read-environment.js'
import { findStack } from './find-stack.mjs'
import { readArguments } from './read-arguments.mjs'
import { request } from './request.mjs'

const usage = `Usage: npm run demo

Signs up, orders, cancels, stops user-service and starts it again, and shows each request with its response. The services
must be running, by docker compose up or npm start.`

readArguments({ name: 'demo', usage })

const { userPort, orderPort } = readPorts()
const users = `http://127.0.0.1:${userPort}`
const orders = `http://127.0.0.1:${orderPort}`
const maxWaitMs = 60_000

let steps = 0
let interrupted = false
let cleaningUp = false
/** Clean-up steps, run in reverse order. */
const undo = []

// The current step ends, then the clean-up runs.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, interrupt)
process.stdout.on('error', interrupt)

try {
  await demonstrate()
  say('\nDone. Cleaning up:')
} catch (error) {
  complain(printable(error.message))
}
cleaningUp = true
for (const step of undo.reverse())
  await step().catch((error) => complain(`could not clean up: ${printable(error.message)}`))

function readPorts() {
  try {
    const environment = readEnvironment(fileURLToPath(new URL('..', import.meta.url)))
    return { userPort: environment.USER_SERVICE_PORT ?? '3000', orderPort: environment.ORDER_SERVICE_PORT ?? '3001' }
  } catch (error) {
    console.error(`demo: ${error.message}`)
    process.exit(1)
  }
}

async function demonstrate() {
  await mustBe('user-service', users)
  await mustBe('order-service', orders)
  const stack = await findStack(userPort)
  say(`user-service at ${users}, order-service at ${orders}, run by ${stack.runsBy}`)

  title('Sign up. The response contains the API key, shown only once')
  const email = `ada-${randomUUID()}@example.com`
  const { body: user } = await ask('POST', `${users}/users`, { body: { name: 'Ada', email }, expected: 201 })
  undo.push(() => deleteUser(user))
  show({ id: user.id, creditCents: user.creditCents, apiKey: `${user.apiKey.slice(0, 6)}…` })

  title('Exchange the key for an access token, and read your own user with it')
  const token = await tokenFor(user)
  const me = `${users}/users/${user.id}`
  show(pick((await ask('GET', me, { token })).body, 'name', 'email', 'creditCents'))

  title('Order two keyboards: user-service holds the credit')
  const items = (quantity) => ({ items: [{ productId: 'keyboard', quantity }] })
  const first = await ask('POST', `${orders}/orders`, { token, body: items(2), expected: 201 })
  show(pick(first.body, 'id', 'totalCents', 'status'))
  await showTimeline(first.body.id, token)

  title('Cancel it: the credit is released')
  const cancelled = await ask('POST', `${orders}/orders/${first.body.id}/cancel`, { token })
  show(pick(cancelled.body, 'status', 'reason'))
  show(pick((await ask('GET', me, { token })).body, 'creditCents'))

  title('Stop user-service')
  undo.push(() => startAgain(stack))
  say(`  $ ${stack.stopping}`)
  await stack.stop()
  say(`  GET ${users}/health/ready\n  ${(await isReady(users)) ? '200' : 'no response'}`)

  title('order-service is still ready and accepts an order: it is stored as pending')
  show(pick((await ask('GET', `${orders}/health/ready`)).body, 'status', 'service'))
  const key = `demo-${randomUUID()}`
  const second = await ask('POST', `${orders}/orders`, { token, key, body: items(1), expected: 202 })
  show(pick(second.body, 'id', 'totalCents', 'status'))

  title('Repeat the request: it returns the same order')
  const again = await ask('POST', `${orders}/orders`, { token, key, body: items(1), expected: 202 })
  show({ 'Idempotent-Replayed': again.headers['idempotent-replayed'], ...pick(again.body, 'id', 'status') })
  if (again.body.id !== second.body.id) throw new Error('the same key made two orders')

  title('Start user-service')
  await startAgain(stack)
  undo.pop()

  title('Watch the order settle on its own')
  const settled = await until('the order is settled', async () => {
    const { body } = await ask('GET', `${orders}/orders/${second.body.id}`, { token })
    return body.status === 'pending' ? undefined : body
  })
  show(pick(settled, 'id', 'status'))
  if (settled.status !== 'confirmed') throw new Error(`the order is ${settled.status}, not confirmed`)
  await showTimeline(settled.id, token)
  show(pick((await ask('GET', me, { token })).body, 'creditCents'))
}

/** Fails with one line if nothing responds, or another program. */
async function mustBe(service, url) {
  const found = await request(`${url}/`)
    .then(({ text }) => JSON.parse(text))
    .catch(() => undefined)
  if (found?.service === service) return
  const what = found === undefined ? 'nothing responds' : 'another program responds'
  throw new Error(`no ${service} at ${url}: ${what}. Start it with \`docker compose up --build\` or \`npm start\`.`)
}

/** Prints a request and the status of its response; throws if that is not the expected one. */
async function ask(method, url, { token, key, body, expected = 200 } = {}) {
  goOn()
  const text = body && JSON.stringify(body)
  const headers = {
    ...(token && { Authorization: `Bearer ${token}` }),
    ...(key && { 'Idempotency-Key': key }),
    ...(text && { 'Content-Type': 'application/json' }),
  }
  say(`  ${method} ${url}${text ? ` ${text}` : ''}${key ? `\n  Idempotency-Key: ${key}` : ''}`)
  const answer = await request(url, { method, headers, body: text }).catch(({ message }) => {
    throw new Error(`no response to ${method} ${url}: ${message}`)
  })
  const answered = answer.status === 204 ? {} : JSON.parse(answer.text)
  say(`  ${answer.status} ${printable(answered.code ?? '')}`.trimEnd())
  if (answer.status !== expected) {
    throw new Error(
      `${method} ${url} returned ${answer.status} instead of ${expected}. ${answered.detail ?? ''}`.trim(),
    )
  }
  return { headers: answer.headers, body: answered }
}

async function tokenFor({ apiKey }) {
  const { body } = await ask('POST', `${users}/tokens`, { token: apiKey })
  show({ accessToken: `${body.accessToken.slice(0, 6)}…`, expiresIn: body.expiresIn })
  return body.accessToken
}

async function showTimeline(orderId, token) {
  const { body } = await ask('GET', `${orders}/orders/${orderId}/timeline`, { token })
  for (const { at, status, detail } of body) say(`      ${printable(`${at}  ${status}  ${detail}`)}`)
}

async function startAgain(stack) {
  say(`  $ ${stack.starting}`)
  await stack.start()
  await until('user-service is ready', async () => (await isReady(users)) || undefined)
  say(`  GET ${users}/health/ready\n  200`)
}

/** The orders stay, without the name of their user. */
async function deleteUser(user) {
  const token = await tokenFor(user)
  await ask('DELETE', `${users}/users/${user.id}`, { token, expected: 204 })
  say('  The user is deleted, with its API key and its holds.')
}

function isReady(url) {
  return request(`${url}/health/ready`, { timeoutMs: 1_000 }).then(
    ({ status }) => status === 200,
    () => false,
  )
}

/** Polls once a second, for a minute at most. */
async function until(what, find) {
  const deadline = performance.now() + maxWaitMs
  for (;;) {
    const found = await find()
    if (found !== undefined) return found
    if (performance.now() > deadline) throw new Error(`timed out after ${maxWaitMs / 1000} s: ${what}`)
    await pause(1_000)
  }
}

function title(text) {
  goOn()
  say(`\n${(steps += 1)}. ${text}`)
}

function interrupt() {
  interrupted = true
}

function goOn() {
  if (interrupted && !cleaningUp) throw new Error('interrupted')
}

function show(fields) {
  for (const [name, value] of Object.entries(fields)) say(`      ${name}: ${printable(String(value))}`)
}

function pick(object, ...names) {
  return Object.fromEntries(names.map((name) => [name, object[name]]))
}

/** Escapes control characters in foreign text, so that none reaches the terminal. */
function printable(text) {
  return text.replace(
    /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu,
    (it) => `\\u${it.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

function say(line) {
  console.log(line)
}

function complain(line) {
  process.exitCode = 1
  console.error(`${steps > 0 ? '\n' : ''}demo: ${line}`)
}
